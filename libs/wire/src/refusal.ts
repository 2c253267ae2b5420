/**
 * - `SIZE_EXCEEDED`, `TRUNCATED`, `TRAILING_BYTES`: longer than a message may be; ends within a value; goes on after it.
 * - `NESTED_TOO_DEEP`, `FORM_REFUSED`: lists within lists; a form that no message uses (map, float, extension, negative).
 * - `VERSION_UNKNOWN`, `KIND_UNKNOWN`, `MALFORMED`: not a message of this version, of a known kind, of its shape.
 * - `NOT_CANONICAL`: a message, but not in its one spelling.
 * - `RUN_DIFFERS`, `SUBJECT_DIFFERS`: of another run; not what its subject says.
 * - `SIGNATURE_INVALID`, `SIGNER_DIFFERS`: nobody's signature, or one with a high s; somebody else's than it says.
 */
export const refusalCodes = [
  'SIZE_EXCEEDED',
  'TRUNCATED',
  'TRAILING_BYTES',
  'NESTED_TOO_DEEP',
  'FORM_REFUSED',
  'VERSION_UNKNOWN',
  'KIND_UNKNOWN',
  'MALFORMED',
  'NOT_CANONICAL',
  'RUN_DIFFERS',
  'SUBJECT_DIFFERS',
  'SIGNATURE_INVALID',
  'SIGNER_DIFFERS',
] as const;

export type RefusalCode = (typeof refusalCodes)[number];

/**
 * What came over the wire is not what it should be: a value, never an exception.
 *
 * - `code`: stable, for machines and counters.
 * - `reason`: one sentence that names the place; safe to log, whatever a hostile sender wrote.
 * - `facts`: the evidence.
 */
export interface Refusal {
  readonly kind: 'refused';
  readonly code: RefusalCode;
  readonly reason: string;
  readonly facts: Readonly<Record<string, string | number>>;
}

export function refused(code: RefusalCode, reason: string, facts: Refusal['facts'] = {}): Refusal {
  return { kind: 'refused', code, reason, facts };
}

/** A stranger's text for a log line: quoted, at most 80 characters, and all but printable ASCII escaped. */
export function quoted(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 80)}...` : text;
  const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(short).replace(/[^ -~]/g, escape);
}
