import { configurationDigest, type RunPlan } from '#libs/experiment';
import { Fault } from '#libs/fault';
import type { Chain, Done, Ledger, LedgerRunConfig, PolicySource, Sent } from '#libs/ports';
import { type ActorId, parseConfig, type RunConfig, schemeOf } from '#libs/protocol';
import type { Signer } from '#libs/wire';
import type { Actor } from './cast.ts';

/** A run on a ledger, funded and joined by everybody who is there from the start. */
export interface Deployment {
  readonly ledger: Ledger;
  readonly run: bigint;
  readonly config: RunConfig;
  readonly createdMs: number;
  /** Everything that was sent, in order. */
  readonly sent: readonly Sent[];
}

/** What the Sponsor does before anybody joins. */
export interface Founding {
  /** Who gets a purse to bond from. */
  readonly members: readonly { readonly id: ActorId; readonly name: string }[];
  /** Most tokens that there will ever be. */
  readonly capWei: bigint;
}

/** Deploys contracts and policy, creates and funds the run, and gives its members their purses: all of it by the Sponsor. */
export async function found(
  plan: RunPlan,
  chain: Chain,
  policy: PolicySource,
  sponsor: Signer,
  { members, capWei }: Founding,
): Promise<Deployment> {
  const { economy } = plan;
  const ledger = await chain.deployLedger(sponsor, capWei);
  const config = ledgerConfigOf(plan, await chain.deployPolicy(sponsor, policy));
  const sent: Sent[] = [];
  const act = acting(sent);
  const { token, sponsor: sponsors } = ledger.as(sponsor);
  const created = await act('the creation of the run', sponsors.createRun(config));
  const event = created.events.find(({ kind }) => kind === 'runCreated');
  if (event?.kind !== 'runCreated') throw new Error('a run was created without its event');
  const { run } = event;
  await act('the minting of the budget', token.mint(sponsor.address, economy.budgetWei));
  await act('the funding', sponsors.fund(run, economy.budgetWei));
  for (const { id, name } of members) await act(`the purse of ${name}`, token.mint(id, economy.purseWei));
  return {
    ledger,
    run,
    config: protocolConfigOf(plan, event.initialTrust),
    createdMs: created.block.timeSeconds * 1000,
    sent,
  };
}

/** Founds a run, and lets the cast bond and join, one transaction each. */
export async function deploy(
  plan: RunPlan,
  chain: Chain,
  policy: PolicySource,
  sponsor: Signer,
  cast: readonly Actor[],
): Promise<Deployment> {
  const { economy } = plan;
  const capWei = economy.budgetWei + BigInt(cast.length) * economy.purseWei;
  const founded = await found(plan, chain, policy, sponsor, { members: cast, capWei });
  const sent = [...founded.sent];
  const act = acting(sent);
  const { ledger, run } = founded;
  for (const actor of cast) {
    const { bondWei, joinsAtRound } = planOf(plan, actor);
    if (joinsAtRound > 0) continue;
    const { membership } = ledger.as(actor.signer);
    await act(`the bond of ${actor.name}`, membership.bond(run, bondWei));
    await act(`the joining of ${actor.name}`, membership.join(run, actor.role));
  }
  return { ...founded, sent };
}

const acting =
  (sent: Sent[]) =>
  async (what: string, sending: Promise<Sent>): Promise<Done> => {
    const result = await sending;
    sent.push(result);
    return done(what, result);
  };

export const planOf = (plan: RunPlan, { role, position }: Actor) =>
  role === 'trainer' ? plan.trainers[position]! : plan.validators[position]!;

function done(what: string, sent: Sent): Done {
  if (sent.kind === 'done') return sent;
  throw new Fault('CHAIN_REFUSED', `The ledger refused ${what}: ${sent.name}.`, {
    facts: { name: sent.name, ...sent.args },
    hint: 'Look the error up in contracts/src/interfaces; the economy of the run file may not add up.',
  });
}

/** The plan as the protocol knows it; `initialTrust`, in billionths, is the policy's. */
export function protocolConfigOf(plan: RunPlan, initialTrust: number): RunConfig {
  const parsed = parseConfig({ ...plan.protocol, run: configurationDigest(plan), initialTrust });
  if (parsed.ok) return parsed.config;
  throw new Error(`a plan that the protocol does not take: ${JSON.stringify(parsed.problems)}`);
}

function ledgerConfigOf(plan: RunPlan, policy: ActorId): LedgerRunConfig {
  const { windows, quorum, minTrainers, minValidators } = plan.protocol;
  const { few, many, manyFrom } = quorum;
  return {
    configurationDigest: configurationDigest(plan),
    rules: {
      policy,
      policyGas: plan.policy.gas,
      scoresBase: plan.learning.scoring === 'accuracy',
      quorumNumerator: few.numerator,
      quorumDenominator: few.denominator,
      largeNumerator: many.numerator,
      largeDenominator: many.denominator,
      largeFrom: manyFrom,
    },
    windows: {
      gatheringSeconds: seconds(windows.gatheringMs),
      trainingSeconds: seconds(schemeOf(plan.protocol.scheme).longestMs),
      lineupSeconds: seconds(windows.lineupMs),
      openingSeconds: seconds(windows.openingMs),
      commitSeconds: seconds(windows.commitMs),
      revealSeconds: seconds(windows.revealMs),
      settlementSeconds: seconds(windows.settlementMs),
      evidenceSeconds: seconds(plan.economy.evidenceMs),
    },
    terms: {
      maxPauseSeconds: seconds(windows.maxPauseMs),
      minTrainers,
      minValidators,
      poolWei: plan.economy.poolWei,
      trainerBondWei: plan.economy.trainerBondWei,
      validatorBondWei: plan.economy.validatorBondWei,
    },
  };
}

/** The ledger counts in whole seconds. */
const seconds = (ms: number): number => Math.ceil(ms / 1000);
