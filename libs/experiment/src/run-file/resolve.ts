import type { AggregatorSpec } from '#libs/learning';
import { builtInNames, type BuiltInName } from '#libs/learning';
import { nearest } from '#libs/fault';
import { parseConfig } from '#libs/protocol';
import { isPolicyFile, productParameters, productPolicies } from '../policy/product.ts';
import type {
  DataPlan,
  Economy,
  LearningPlan,
  NetworkPlan,
  PartitionChoice,
  PolicyParameter,
  PolicyPlan,
  ProtocolPlan,
  RunPlan,
  TrainerBehaviour,
  TrainerPlan,
  ValidatorBehaviour,
  ValidatorPlan,
} from '../run-plan.ts';
import { cast, type Complain, type Selection } from './cast.ts';
import type { Settings } from './schema.ts';
import { formatTokens } from './values.ts';

/** The sections of a run file that could be read. */
export type Sections = Partial<Settings>;

/** What a run file says, as a plan but for the digests of its files; undefined where a section could not be read. */
export type Resolved = Omit<RunPlan, 'files'>;

/**
 * Works out what depends on several values, and finds what contradicts itself. Each part needs only some sections, so that a
 * mistake in one does not hide those in the others.
 */
export function resolve(sections: Sections, complain: Complain): Resolved | undefined {
  const { name, seed, rounds, coordination, codec, scoring, aggregator, keep } = sections;
  checkModel(sections, complain);
  const data = sections.data && dataPlan(sections.data);
  const trainers = trainersOf(sections, complain);
  const validators = validatorsOf(sections, complain);
  checkStart(sections, trainers, validators, complain);
  const protocol = protocolPlan(sections, trainers, validators, complain);
  const policy = policyPlan(sections, complain);
  const economy = economyPlan(sections, complain);
  const network = networkPlan(sections, complain);
  checkLedger(sections, complain);
  const { model, training } = sections;
  if (!data || !trainers || !validators || !protocol || !policy || !economy || !network) return undefined;
  if (!name || !seed || !rounds || !coordination || !model || !training || !codec) return undefined;
  if (!scoring || !aggregator || !keep) return undefined;
  const learning = learningPlan({ training, codec, scoring, aggregator });
  return {
    name,
    seed,
    coordination,
    model,
    data,
    learning,
    trainers,
    validators,
    protocol,
    policy,
    economy,
    network,
    keep,
  };
}

// ---------------------------------------------------------------------------------------------------------- learning

/** True for what names a file rather than a model that ships. */
export const isModelFile = (model: string): boolean => /[/\\]|\.(json|[cm]?[jt]s)$/.test(model);

function checkModel({ model }: Sections, complain: Complain): void {
  if (model === undefined || isModelFile(model) || builtInNames.includes(model as BuiltInName)) return;
  const near = nearest(model, builtInNames);
  const known = `known are ${builtInNames.join(', ')}, or give the path of a model.json or module`;
  complain(
    ['model'],
    `there is no model ${JSON.stringify(model)}; ${near === undefined ? known : `is ${near} meant?`}`,
  );
}

function dataPlan(data: Settings['data']): DataPlan {
  const { dataset, partition, samplesPerTrainer, samplesPerValidator, sharePerRound, testSamples } = data;
  const { kind, ...parameters } = compact(partition);
  return {
    source: sourceOf(dataset),
    partition: (Object.keys(parameters).length === 0 ? { kind } : { kind, parameters }) as PartitionChoice,
    samplesPerTrainer,
    samplesPerValidator,
    sharePerRound,
    testSamples,
  };
}

/** What `loadDataset` takes for a dataset that a file names. */
export const sourceOf = (dataset: Settings['data']['dataset']): DataPlan['source'] =>
  compact(dataset) as DataPlan['source'];

/** Without the keys that have no value: they would be there in the plan and gone from its JSON. */
function compact<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}

function learningPlan({
  training,
  codec,
  scoring,
  aggregator,
}: Pick<Settings, 'training' | 'codec' | 'scoring' | 'aggregator'>): LearningPlan {
  const { backend, loss = null, decay, ...hyper } = training;
  const spec =
    aggregator.name === 'normClipping' ? { ...aggregator, of: compact(aggregator.of) } : compact(aggregator);
  return {
    backend,
    loss,
    hyper: compact<LearningPlan['hyper']>(hyper),
    decay,
    aggregator: spec as AggregatorSpec,
    scoring,
    codec,
  };
}

// ---------------------------------------------------------------------------------------------------------- actors

interface Terms {
  readonly behaviours: readonly (Selection & { readonly kind: string })[];
  readonly groups: readonly (Selection & {
    readonly speed?: number | undefined;
    readonly bond?: bigint | undefined;
    readonly joinsAtRound?: number | undefined;
  })[];
  readonly count: number;
  readonly speed: number;
  readonly joinsAtRound: number;
}

interface Drafted<B> {
  speed: number;
  bondWei: bigint;
  joinsAtRound: number;
  behaviour: B | { readonly kind: 'honest' };
}

function actorsOf<B extends object>(
  role: 'trainers' | 'validators',
  terms: Terms,
  bondWei: bigint,
  seed: string,
  behaviourOf: (index: number) => B,
  complain: Complain,
): Drafted<B>[] {
  const { count: total, speed, joinsAtRound, behaviours, groups } = terms;
  const common = { total, seed };
  const hostile = cast(behaviours, { ...common, path: [role, 'behaviours'], exclusive: true }, complain);
  const special = cast(groups, { ...common, path: [role, 'groups'], exclusive: false }, complain);
  const actors = Array.from({ length: total }, (): Drafted<B> => ({
    speed,
    bondWei,
    joinsAtRound,
    behaviour: { kind: 'honest' },
  }));
  for (const [i, at] of hostile.entries())
    for (const position of at) actors[position]!.behaviour = behaviourOf(i);
  for (const [i, at] of special.entries())
    for (const position of at) {
      const actor = actors[position]!;
      actor.speed = groups[i]!.speed ?? actor.speed;
      actor.bondWei = groups[i]!.bond ?? actor.bondWei;
      actor.joinsAtRound = groups[i]!.joinsAtRound ?? actor.joinsAtRound;
    }
  return actors;
}

/** A behaviour without the words that say who behaves so. */
function behaviour<B extends Selection>({ at: _at, count: _count, share: _share, ...rest }: B) {
  return rest as unknown as B extends unknown ? Omit<B, keyof Selection> : never;
}

function trainersOf({ trainers, economy, seed }: Sections, complain: Complain): TrainerPlan[] | undefined {
  if (!trainers || !economy || seed === undefined) return undefined;
  const of = (index: number): TrainerBehaviour => {
    const given = trainers.behaviours[index]!;
    if (given.kind === 'crash') return { kind: given.kind, p: given.p, downMs: given.down };
    // In the file `share` says who; the plan has no such word.
    if (given.kind === 'backdoor') return { kind: given.kind, share: given.dose, target: given.target };
    return behaviour(given);
  };
  return actorsOf('trainers', trainers, trainers.bond ?? economy.trainerBond, seed, of, complain);
}

function validatorsOf(sections: Sections, complain: Complain): ValidatorPlan[] | undefined {
  const { validators, trainers, economy, seed } = sections;
  if (!validators || !economy || seed === undefined) return undefined;
  const of = (index: number): ValidatorBehaviour => behaviour(validators.behaviours[index]!);
  if (trainers) checkAcquaintances(validators, trainers.count, complain);
  return actorsOf('validators', validators, validators.bond ?? economy.validatorBond, seed, of, complain);
}

function checkAcquaintances(
  { behaviours }: Settings['validators'],
  trainers: number,
  complain: Complain,
): void {
  for (const [i, given] of behaviours.entries()) {
    const [key, positions] =
      given.kind === 'collude'
        ? (['friends', given.friends] as const)
        : given.kind === 'censor'
          ? (['trainers', given.trainers] as const)
          : (['', []] as const);
    const beyond = positions.find((position) => position >= trainers);
    if (beyond !== undefined)
      complain(
        ['validators', 'behaviours', i, key],
        `there is no Trainer ${beyond}: trainers.count is ${trainers}`,
      );
  }
}

/** Everybody's bond is payable and enough, and the run has somebody to start with. */
function checkStart(
  { rounds, economy, trainers: trainerTerms }: Sections,
  trainers: readonly TrainerPlan[] | undefined,
  validators: readonly ValidatorPlan[] | undefined,
  complain: Complain,
): void {
  for (const [role, actors, least] of [
    ['trainers', trainers, economy?.trainerBond],
    ['validators', validators, economy?.validatorBond],
  ] as const) {
    if (!actors || actors.length === 0) continue;
    const noun = role === 'trainers' ? 'Trainer' : 'Validator';
    if (actors.every(({ joinsAtRound }) => joinsAtRound > 0))
      complain([role, 'joinsAtRound'], `no ${noun} joins at the start, so the first round never opens`);
    const late = rounds === undefined ? -1 : actors.findIndex(({ joinsAtRound }) => joinsAtRound >= rounds);
    if (late !== -1)
      complain(
        [role],
        `${noun} ${late} joins at round ${actors[late]!.joinsAtRound}, and there are rounds 0 to ${rounds! - 1}`,
      );
    const poor = economy ? actors.findIndex(({ bondWei }) => bondWei > economy.purse) : -1;
    if (poor !== -1)
      complain(
        [role, 'bond'],
        `${noun} ${poor} bonds ${formatTokens(actors[poor]!.bondWei)} tokens and has economy.purse = ${formatTokens(economy!.purse)}`,
      );
    const low = least === undefined ? -1 : actors.findIndex(({ bondWei }) => bondWei < least);
    if (low !== -1)
      complain(
        [role, 'bond'],
        `${noun} ${low} bonds ${formatTokens(actors[low]!.bondWei)} tokens, less than economy.${role === 'trainers' ? 'trainerBond' : 'validatorBond'} = ${formatTokens(least!)}`,
      );
  }
  if (trainerTerms && trainerTerms.sampleSize > trainerTerms.count)
    complain(
      ['trainers', 'sampleSize'],
      `${trainerTerms.sampleSize} are to be drawn of ${trainerTerms.count} Trainers`,
    );
}

// ---------------------------------------------------------------------------------------------------------- protocol

/** What a configuration is read with where its digest is not known yet; it is no part of a plan. */
const noRun = `0x${'0'.repeat(64)}` as const;

function protocolPlan(
  { rounds, scheme, windows, quorum, limits, election, trainers: terms }: Sections,
  trainers: readonly TrainerPlan[] | undefined,
  validators: readonly ValidatorPlan[] | undefined,
  complain: Complain,
): ProtocolPlan | undefined {
  if (!rounds || !scheme || !windows || !quorum || !limits || !election || !terms) return undefined;
  if (!trainers || !validators) return undefined;
  const atStart = (actors: readonly { joinsAtRound: number }[]) =>
    actors.filter(({ joinsAtRound }) => joinsAtRound === 0).length;
  // Not all: who is jailed or has missed two rounds does not count, and must not be able to end a run.
  const thirdOfTrainers = Math.max(1, Math.ceil(atStart(trainers) / 3));
  const mostValidators = Math.floor(atStart(validators) / 2) + 1;
  const { minTrainers = thirdOfTrainers, minValidators = mostValidators, ...bounds } = limits;
  for (const [key, least, there] of [
    ['minTrainers', minTrainers, trainers.length],
    ['minValidators', minValidators, Math.max(1, validators.length)],
  ] as const)
    if (least > there)
      complain(['limits', key], `${least} are needed to open a round, and there are ${there}`);
  const parsed = parseConfig({
    run: noRun,
    minTrainers,
    minValidators,
    maxRounds: rounds,
    ...bounds,
    sampleSize: terms.sampleSize,
    election,
    quorum,
    windows: inMs(windows),
    scheme: schemeConfig(scheme),
  });
  if (!parsed.ok) {
    for (const { path, message } of parsed.problems)
      complain(Object.hasOwn(limits, path) ? ['limits', path] : path.split('.'), message);
    return undefined;
  }
  const { run: _run, initialTrust: _trust, ...protocol } = parsed.config;
  return protocol;
}

function inMs(windows: Settings['windows']): Record<string, number> {
  return Object.fromEntries(Object.entries(windows).map(([key, ms]) => [`${key}Ms`, ms]));
}

function schemeConfig(scheme: Settings['scheme']): object {
  switch (scheme.kind) {
    case 'bsp':
    case 'ssp': {
      const { period, ...rest } = scheme;
      return { ...rest, periodMs: period };
    }
    case 'bap':
    case 'buffered': {
      const { maxWait, ...rest } = scheme;
      return { ...rest, maxWaitMs: maxWait };
    }
  }
}

/** What the contracts have as constants: other values hold off the chain only, where nobody votes. */
const ofLedger = { maxVoidRounds: 5, maxProposers: 3, maxCommittee: 32 } as const;

function checkLedger({ coordination, limits }: Sections, complain: Complain): void {
  if (coordination !== 'flobc' || !limits) return;
  for (const [key, value] of Object.entries(ofLedger)) {
    const given = limits[key as keyof typeof ofLedger];
    if (given !== value) complain(['limits', key], `the ledger has ${value}, not ${given}`);
  }
}

// ---------------------------------------------------------------------------------------------------------- money

function policyPlan(
  { policy, scoring, coordination, trainers }: Sections,
  complain: Complain,
): PolicyPlan | undefined {
  if (!policy) return undefined;
  const { name, parameters = {}, gas } = policy;
  if (isPolicyFile(name)) {
    if (Array.isArray(parameters)) return { kind: 'file', path: name, parameters, gas };
    if (Object.keys(parameters).length > 0)
      complain(
        ['policy', 'parameters'],
        "a .sol file takes the list of its constructor's arguments, in their order",
      );
    return { kind: 'file', path: name, parameters: [], gas };
  }
  const names = Object.keys(productPolicies);
  const product = Object.hasOwn(productPolicies, name) ? productPolicies[name] : undefined;
  if (!product) {
    const near = nearest(name, names);
    const known = `known are ${names.join(', ')}, or give the path of a .sol file`;
    complain(
      ['policy', 'name'],
      `there is no policy ${JSON.stringify(name)}; ${near === undefined ? known : `is ${near} meant?`}`,
    );
    return undefined;
  }
  if (product.scoring && scoring && coordination === 'flobc' && scoring !== product.scoring)
    complain(['policy', 'name'], `${name} needs scoring: ${product.scoring}, not ${scoring}`);
  if (Array.isArray(parameters) && parameters.length > 0)
    complain(['policy', 'parameters'], `${name} takes its parameters by name`);
  const byName = (Array.isArray(parameters) ? {} : parameters) as Record<string, PolicyParameter>;
  const values = productParameters(name, byName, trainers?.count ?? 1, ({ parameter, message }) => {
    const path = parameter !== undefined && Object.hasOwn(byName, parameter) ? [parameter] : [];
    complain(['policy', 'parameters', ...path], message);
  });
  return { kind: 'product', name, parameters: values, gas };
}

function economyPlan({ economy, rounds }: Sections, complain: Complain): Economy | undefined {
  if (!economy || !rounds) return undefined;
  const { pool, budget = pool * BigInt(rounds), purse, trainerBond, validatorBond, evidence } = economy;
  if (budget < pool)
    complain(
      ['economy', 'budget'],
      `the budget, ${formatTokens(budget)}, does not pay one round's pool, ${formatTokens(pool)}`,
    );
  return {
    poolWei: pool,
    budgetWei: budget,
    purseWei: purse,
    trainerBondWei: trainerBond,
    validatorBondWei: validatorBond,
    evidenceMs: evidence,
  };
}

// ---------------------------------------------------------------------------------------------------------- network

function networkPlan(
  { network, trainers, validators }: Sections,
  complain: Complain,
): NetworkPlan | undefined {
  if (!network || !trainers || !validators) return undefined;
  const counts = { trainer: trainers.count, validator: validators.count };
  const checkSite = (site: string, path: (string | number)[]): void => {
    const [role, position] = site.split('-') as [keyof typeof counts | 'scheduler', string];
    if (role !== 'scheduler' && Number(position) >= counts[role])
      complain(path, `there is no ${site}: ${role}s.count is ${counts[role]}`);
  };
  for (const [i, { from, to, sites }] of network.partitions.entries()) {
    if (from >= to) complain(['network', 'partitions', i, 'to'], 'ends before it begins');
    for (const [j, site] of sites.entries()) checkSite(site, ['network', 'partitions', i, 'sites', j]);
  }
  for (const [i, { site }] of network.crashes.entries()) checkSite(site, ['network', 'crashes', i, 'site']);
  const { latency, jitter, bandwidth, block, partitions, crashes, ...shares } = network;
  return {
    latencyMs: latency,
    jitterMs: jitter,
    bytesPerSecond: bandwidth,
    ...shares,
    blockMs: block,
    partitions: partitions.map(({ from, to, sites }) => ({ fromMs: from, toMs: to, sites })),
    crashes: crashes.map(({ site, at, down }) => ({ site, atMs: at, downMs: down })),
  };
}
