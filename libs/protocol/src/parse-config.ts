import { isDigest, isInteger, billion } from './ids.ts';
import type { Quorum, RunConfig, SchemeConfig, Staleness, Windows } from './config.ts';
import type { Ratio } from './ratio.ts';

/** One thing that is wrong with a configuration: where, and what is expected there. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

export type ParsedConfig =
  | { readonly ok: true; readonly config: RunConfig }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const minuteMs = 60_000;
const longestMs = 366 * 24 * 60 * minuteMs;

/**
 * A configuration from anything that JSON can hold: checked to the last field, defaults filled in, all problems at once. Only
 * `run` and `scheme` have no default. Never throws.
 */
export function parseConfig(value: unknown): ParsedConfig {
  const reader = new Reader();
  const config = reader.object('', value, (field) => ({
    run: field.digest('run'),
    minTrainers: field.integer('minTrainers', 1, 1, 1_000_000),
    minValidators: field.integer('minValidators', 1, 1, 1_000_000),
    maxRounds: field.integer('maxRounds', 100, 1, 1_000_000_000),
    maxVoidRounds: field.integer('maxVoidRounds', 5, 1, 1000),
    maxProposers: field.integer('maxProposers', 3, 1, 32),
    maxLineup: field.integer('maxLineup', 256, 1, 256),
    maxCommittee: field.integer('maxCommittee', 32, 1, 32),
    sampleSize: field.integer('sampleSize', 0, 0, 1_000_000),
    inactiveAfterRounds: field.integer('inactiveAfterRounds', 5, 1, 1000),
    election: field.oneOf('election', ['drawn'] as const, 'drawn'),
    quorum: field.object('quorum', {}, quorumOf),
    windows: field.object('windows', {}, windowsOf),
    scheme: field.object('scheme', undefined, schemeOf),
    initialTrust: field.integer('initialTrust', billion / 2, 0, billion),
  }));
  const { scheme, inactiveAfterRounds, maxVoidRounds } = config;
  // Under SSP a dead Trainer holds the others back until it is inactive; the run must still be alive by then.
  if (scheme.kind === 'ssp' && inactiveAfterRounds > maxVoidRounds) {
    reader.problem('inactiveAfterRounds', `under ssp at most maxVoidRounds (${maxVoidRounds})`);
  }
  return reader.problems.length === 0 ? { ok: true, config } : { ok: false, problems: reader.problems };
}

function quorumOf(field: Fields): Quorum {
  return {
    few: field.ratio('few', { numerator: 1, denominator: 2 }, 'below 1', (n, d) => n < d),
    many: field.ratio('many', { numerator: 2, denominator: 3 }, 'below 1', (n, d) => n < d),
    manyFrom: field.integer('manyFrom', 4, 1, 1_000_000),
  };
}

function windowsOf(field: Fields): Windows {
  return {
    gatheringMs: field.duration('gatheringMs', 60 * minuteMs),
    lineupMs: field.duration('lineupMs', minuteMs),
    openingMs: field.duration('openingMs', minuteMs),
    commitMs: field.duration('commitMs', 5 * minuteMs),
    revealMs: field.duration('revealMs', minuteMs),
    settlementMs: field.duration('settlementMs', 2 * minuteMs),
    maxPauseMs: field.duration('maxPauseMs', 24 * 60 * minuteMs),
  };
}

function schemeOf(field: Fields): SchemeConfig {
  const kind = field.oneOf('kind', ['bsp', 'ssp', 'bap', 'buffered'] as const);
  const staleness = (fallback: Staleness) => field.object('staleness', fallback, stalenessOf);
  const root: Staleness = { kind: 'power', exponent: { numerator: 1, denominator: 2 } };
  switch (kind) {
    case 'bsp':
      return {
        kind,
        periodMs: field.duration('periodMs', 10 * minuteMs),
        staleness: staleness({ kind: 'constant' }),
      };
    case 'ssp':
      return {
        kind,
        periodMs: field.duration('periodMs', 10 * minuteMs),
        updatesPerRound: field.integer('updatesPerRound', 3, 1, 64),
        maxStaleness: field.integer('maxStaleness', 3, 0, 1000),
        staleness: staleness(root),
      };
    case 'bap':
      return {
        kind,
        quorumRatio: field.ratio(
          'quorumRatio',
          { numerator: 3, denominator: 5 },
          'in (0, 1]',
          (n, d) => n > 0 && n <= d,
        ),
        maxWaitMs: field.duration('maxWaitMs', 10 * minuteMs),
        updatesPerRound: field.integer('updatesPerRound', 8, 1, 64),
        staleness: staleness(root),
      };
    case 'buffered':
      return {
        kind,
        capacity: field.integer('capacity', 10, 1, 256),
        maxWaitMs: field.duration('maxWaitMs', 10 * minuteMs),
        updatesPerRound: field.integer('updatesPerRound', 8, 1, 64),
        staleness: staleness(root),
      };
  }
}

function stalenessOf(field: Fields): Staleness {
  const kind = field.oneOf('kind', ['constant', 'power', 'hinge'] as const);
  switch (kind) {
    case 'constant':
      return { kind };
    case 'power':
      // The denominator is a root taken of integers with nine digits for each of its units.
      return {
        kind,
        exponent: field.ratio(
          'exponent',
          undefined,
          'at most 8, denominator at most 16',
          (n, d) => n <= 8 * d && d <= 16,
        ),
      };
    case 'hinge':
      return {
        kind,
        threshold: field.integer('threshold', 0, 0, 1_000_000),
        slope: field.ratio('slope', undefined, 'at most 1000', (n, d) => n <= 1000 * d),
      };
  }
}

/** Reads the fields of one object; what is wrong goes to the reader, and a stand-in of the right type comes back. */
class Fields {
  readonly #reader: Reader;
  readonly #path: string;
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #known = new Set<string>();
  #anyName = false;

  constructor(reader: Reader, path: string, value: Readonly<Record<string, unknown>>) {
    this.#reader = reader;
    this.#path = path;
    this.#value = value;
  }

  integer(name: string, fallback: number, min: number, max: number): number {
    const value = this.#take(name, fallback);
    if (isInteger(value, min, max)) return value;
    this.#problem(name, `an integer from ${min} to ${max}`);
    return min;
  }

  duration(name: string, fallbackMs: number): number {
    return this.integer(name, fallbackMs, 1, longestMs);
  }

  digest(name: string): RunConfig['run'] {
    const value = this.#take(name);
    if (isDigest(value)) return value;
    this.#problem(name, '0x and 64 lower-case hexadecimal digits');
    return `0x${'0'.repeat(64)}`;
  }

  oneOf<const T extends string>(name: string, choices: readonly [T, ...T[]], fallback?: T): T {
    const value = this.#take(name, fallback);
    const chosen = choices.find((choice) => choice === value);
    if (chosen === undefined) {
      this.#problem(name, `one of ${choices.join(', ')}`);
      this.#anyName = true; // which names belong here depends on this choice
    }
    return chosen ?? choices[0];
  }

  ratio(
    name: string,
    fallback: Ratio | undefined,
    bounds: string,
    within: (n: number, d: number) => boolean,
  ): Ratio {
    return this.object(name, fallback, (field) => {
      const ratio = {
        numerator: field.integer('numerator', 0, 0, billion),
        denominator: field.integer('denominator', 1, 1, billion),
      };
      if (!within(ratio.numerator, ratio.denominator)) this.#problem(name, `a ratio ${bounds}`);
      return ratio;
    });
  }

  object<T>(name: string, fallback: unknown, read: (field: Fields) => T): T {
    return this.#reader.object(this.#pathOf(name), this.#take(name, fallback), read);
  }

  /** Names that nobody asked for are mistypings, which must not pass for defaults. */
  finish(): void {
    for (const name of Object.keys(this.#value)) {
      if (!this.#anyName && !this.#known.has(name))
        this.#problem(name, `one of ${[...this.#known].join(', ')}`);
    }
  }

  #take(name: string, fallback?: unknown): unknown {
    this.#known.add(name);
    return Object.hasOwn(this.#value, name) && this.#value[name] !== undefined ? this.#value[name] : fallback;
  }

  #pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  #problem(name: string, message: string): void {
    this.#reader.problem(this.#pathOf(name), message);
  }
}

class Reader {
  readonly problems: Problem[] = [];

  problem(path: string, expected: string): void {
    this.problems.push({ path, message: `expected ${expected}` });
  }

  object<T>(path: string, value: unknown, read: (field: Fields) => T): T {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isObject) this.problem(path, 'an object');
    const before = this.problems.length;
    const field = new Fields(this, path, isObject ? (value as Readonly<Record<string, unknown>>) : {});
    const result = read(field);
    // Of a missing object, its missing fields say nothing more.
    if (!isObject) this.problems.length = before;
    field.finish();
    return result;
  }
}
