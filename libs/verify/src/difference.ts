import { isDeepStrictEqual } from 'node:util';

/** The first thing in a folder that is not as it follows from the rest. */
export interface Difference {
  /** Within the folder: `inputs.jsonl`; `chain` for a live chain. */
  readonly file: string;
  /** From 1; of a live chain the block. */
  readonly line?: number;
  readonly round?: number;
  /** A sentence without its subject, which is the place. */
  readonly problem: string;
  /** Where in the line, as `outcome.trusts.2.trust`, if it is one field. */
  readonly field?: string;
  readonly expected?: unknown;
  readonly found?: unknown;
}

/** Ends the checking. It never leaves the library: whoever asks gets the difference as a value. */
export class DifferenceFound extends Error {
  override readonly name = 'DifferenceFound';
  readonly difference: Difference;

  constructor(difference: Difference) {
    super(sentenceOf(difference));
    this.difference = difference;
  }
}

export type Place = Pick<Difference, 'file' | 'line' | 'round'>;

export const lineOf = (file: string, line: number): Place => ({ file, line });

export function differs(place: Place, problem: string): DifferenceFound {
  return new DifferenceFound({ ...place, problem });
}

/** @throws DifferenceFound that names the first field in which the two part */
export function requireSame(place: Place, what: string, expected: unknown, found: unknown): void {
  if (isDeepStrictEqual(expected, found)) return;
  const parting = partingOf(expected, found, []);
  throw new DifferenceFound({ ...place, problem: what, ...parting });
}

/** `inputs.jsonl:12 is not what the ledger says: atMs is 5, and should be 4`. */
export function sentenceOf({ file, line, round, problem, field, expected, found }: Difference): string {
  const place = `${file}${line === undefined ? '' : `:${line}`}${round === undefined ? '' : ` (round ${round})`}`;
  if (expected === undefined && found === undefined) return `${place} ${problem}`;
  const named = field === undefined || field === '' ? 'it' : field;
  return `${place} ${problem}: ${named} is ${shown(found)}, and should be ${shown(expected)}`;
}

/** Longer values are cut: they are in the folder. */
const mostChars = 120;

function shown(value: unknown): string {
  if (value === undefined) return 'not there';
  const text = JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'bigint' ? part.toString() : part,
  );
  return text.length <= mostChars ? text : `${text.slice(0, mostChars)}…`;
}

interface Parting {
  readonly field: string;
  readonly expected: unknown;
  readonly found: unknown;
}

/** Descends as long as both sides are of the same kind. */
function partingOf(expected: unknown, found: unknown, path: readonly string[]): Parting {
  if (isRecord(expected) && isRecord(found) && Array.isArray(expected) === Array.isArray(found)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(found)])) {
      if (!isDeepStrictEqual(expected[key], found[key]))
        return partingOf(expected[key], found[key], [...path, key]);
    }
  }
  const field = path.join('.');
  return typeof expected === 'string' && typeof found === 'string'
    ? partingOfTexts(field, expected, found)
    : { field, expected, found };
}

/** Of long texts only a piece is of use: a few characters before the first that differs. */
function partingOfTexts(field: string, expected: string, found: string): Parting {
  if (Math.max(expected.length, found.length) <= mostChars) return { field, expected, found };
  let at = 0;
  while (at < expected.length && expected[at] === found[at]) at++;
  const from = Math.max(0, at - 10);
  const piece = (text: string) => `${from > 0 ? '…' : ''}${text.slice(from, from + 40)}…`;
  return { field: `${field} at character ${at + 1}`, expected: piece(expected), found: piece(found) };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
