import { z } from 'zod';
import { Fault } from '#libs/fault';
import { codecNames, hyperSchema, lossNames } from '#libs/learning';
import { type Digest, isDigest, parseConfig } from '#libs/protocol';
import type { RunPlan } from '../run-plan.ts';
import { mostWei } from '../run-file/values.ts';
import { canonicalPlan } from './canonical.ts';

// The resolved plan, as `manifest.json` has it. Bounds that a run file has because they make sense are not repeated: a plan
// that somebody made in another way may go beyond them. What could not be carried out is refused.

const count = z
  .int()
  .min(0)
  .max(2 ** 48);
const ms = count;
const share = z.number().min(0).max(1);
const text = z.string();
const positions = z.array(count);
const digest = z.custom<Digest>(isDigest, { error: 'expected 32 bytes in lower-case hexadecimal' });
const wei = z.codec(z.string().regex(/^(?:0|[1-9]\d*)$/), z.bigint().min(0n).max(mostWei), {
  decode: (digits) => BigInt(digits),
  encode: (amount) => amount.toString(),
});

const of = <K extends string, S extends z.core.$ZodShape>(kind: K, shape: S) =>
  z.strictObject({ kind: z.literal(kind), ...shape });
const named = <N extends string, S extends z.core.$ZodShape>(name: N, shape: S) =>
  z.strictObject({ name: z.literal(name), ...shape });

const scale = z.strictObject({ mean: z.number(), deviation: z.number().gt(0) }).optional();
const folder = text.optional();
const splits = { features: text, labels: text };
const source = z.discriminatedUnion('kind', [
  of('mnist', { folder, scale }),
  of('fashion-mnist', { folder, scale }),
  of('cifar-10', { folder, scale }),
  of('cifar-100', { folder, labels: z.enum(['fine', 'coarse']).optional(), scale }),
  of('csv', {
    path: text,
    testPath: text.optional(),
    label: text,
    target: z.enum(['class', 'number']).optional(),
    classNames: z.array(text).optional(),
    columns: z.record(text, z.union([z.enum(['number', 'category', 'ignore']), z.array(text)])).optional(),
    delimiter: text.optional(),
  }),
  of('npy', {
    ...splits,
    test: z.strictObject(splits).optional(),
    classes: count.optional(),
    shape: z.array(count).optional(),
    scale,
  }),
]);

const parameters = <S extends z.core.$ZodShape>(shape: S) => z.strictObject(shape);
const partition = z.discriminatedUnion('kind', [
  of('iid', { parameters: parameters({}).optional() }),
  of('digitRanges', {
    parameters: parameters({ ranges: z.array(z.tuple([count, count])).optional() }).optional(),
  }),
  of('labelsPerTrainer', { parameters: parameters({ k: count }) }),
  of('dirichlet', { parameters: parameters({ alpha: z.number().gt(0) }) }),
  of('powerLaw', {
    parameters: parameters({ exponent: z.number().optional(), ratio: z.number().optional() }).optional(),
  }),
]);

const weights = z.enum(['equal', 'samples', 'trust', 'trustTimesSamples']);
const discounts = z.array(count).optional();
const mergeRules = [
  named('weightedMean', { weights, discounts }),
  named('coordinateMedian', {}),
  named('trimmedMean', { hostile: count }),
  named('krum', { hostile: count }),
  named('multiKrum', { hostile: count, keep: count.optional(), weights: weights.optional(), discounts }),
] as const;
const aggregator = z.discriminatedUnion('name', [
  ...mergeRules,
  named('normClipping', {
    bound: z.union([z.number().gt(0), z.literal('median')]),
    of: z.discriminatedUnion('name', mergeRules),
  }),
]);

const actor = { speed: z.number().gt(0), bondWei: wei, joinsAtRound: count };
const trainer = z.strictObject({
  ...actor,
  behaviour: z.discriminatedUnion('kind', [
    of('honest', {}),
    of('noise', { std: z.number().min(0) }),
    of('signFlip', { factor: z.number() }),
    of('labelFlip', {}),
    of('backdoor', { share, target: count }),
    of('scale', { factor: z.number() }),
    of('freeRide', { with: z.enum(['zeros', 'random', 'last']) }),
    of('copycat', {}),
    of('straggler', { mean: z.number().min(0) }),
    of('crash', { p: share, downMs: ms }),
    of('badBytes', { with: z.enum(['nan', 'shape', 'truncated']) }),
    of('withholdKey', { p: share }),
  ]),
});
const validator = z.strictObject({
  ...actor,
  behaviour: z.discriminatedUnion('kind', [
    of('honest', {}),
    of('lazy', { with: z.enum(['constant', 'random']) }),
    of('voteFlip', {}),
    of('collude', { group: text, friends: positions }),
    of('absent', { p: share }),
    of('neverReveal', {}),
    of('copyBallot', {}),
    of('wrongDigest', {}),
    of('censor', { trainers: positions }),
  ]),
});

/** The protocol checks its own part; what it would fill in has to be there. */
const protocol = z.custom<RunPlan['protocol']>().transform((given: unknown, context) => {
  const fields = typeof given === 'object' && given !== null ? given : {};
  const parsed = parseConfig({ ...fields, run: `0x${'0'.repeat(64)}` });
  if (!parsed.ok) {
    for (const { path, message } of parsed.problems)
      context.issues.push({ code: 'custom', input: given, path: path.split('.'), message });
    return z.NEVER;
  }
  const { run: _run, initialTrust: _trust, ...config } = parsed.config;
  return config;
});

const constructorArguments = z.array(z.union([z.number(), z.string(), z.boolean()]));
const policy = z.discriminatedUnion('kind', [
  of('product', { name: text, parameters: constructorArguments, gas: count }),
  of('file', { path: text, parameters: constructorArguments, gas: count }),
]);

const plan = z.strictObject({
  name: text,
  seed: text,
  coordination: z.enum(['flobc', 'fedavg', 'pooled', 'alone']),
  model: text,
  data: z.strictObject({
    source,
    partition,
    samplesPerTrainer: count.nullable(),
    samplesPerValidator: count,
    sharePerRound: share,
    testSamples: count.nullable(),
  }),
  learning: z.strictObject({
    backend: z.enum(['auto', 'compiled', 'tfjs']),
    loss: z.enum(lossNames as [string, ...string[]]).nullable(),
    hyper: hyperSchema,
    decay: z.strictObject({ factor: z.number(), least: z.number() }),
    aggregator,
    scoring: z.enum(['leaveOneOut', 'standalone', 'accuracy']),
    codec: z.enum(codecNames as [(typeof codecNames)[number]]),
  }),
  trainers: z.array(trainer),
  validators: z.array(validator),
  protocol,
  policy,
  economy: z.strictObject({
    budgetWei: wei,
    poolWei: wei,
    purseWei: wei,
    trainerBondWei: wei,
    validatorBondWei: wei,
    evidenceMs: ms,
  }),
  network: z.strictObject({
    latencyMs: ms,
    jitterMs: ms,
    bytesPerSecond: z.number().gt(0),
    loss: share,
    duplication: share,
    reordering: share,
    blockMs: ms,
    partitions: z.array(z.strictObject({ fromMs: ms, toMs: ms, sites: z.array(text) })),
    crashes: z.array(z.strictObject({ site: text, atMs: ms, downMs: ms })),
  }),
  keep: z.strictObject({ updates: z.boolean(), models: z.enum(['all', 'last', 'none']) }),
  files: z.record(text, digest),
});

const envelope = z.strictObject({ format: z.literal('flobc.plan'), version: z.literal(1), plan });

/**
 * The plan that `planJson` wrote; only its own spelling is accepted, so that one digest belongs to one plan.
 *
 * @throws Fault `PLAN_INVALID` that lists everything that is wrong
 */
export function parsePlan(json: unknown): RunPlan {
  const parsed = envelope.safeParse(json);
  if (!parsed.success)
    throw invalid(
      parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the plan'}: ${message}`),
    );
  const read = parsed.data.plan as RunPlan;
  // Defaults that were filled in, and keys in another order, would give the same plan a second digest.
  if (canonicalPlan(read) !== JSON.stringify(json))
    throw invalid(['the plan has another spelling than its own']);
  return read;
}

function invalid(problems: readonly string[]): Fault {
  return new Fault('PLAN_INVALID', `This is no plan of a run: ${problems.join('; ')}`, {
    facts: { problems },
    hint: 'A plan is made by loadRunFile and written by planJson; it is not meant to be edited. Change the run file.',
  });
}
