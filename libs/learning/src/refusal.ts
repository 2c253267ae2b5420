/**
 * The protocol refuses something it expected might come: a value, never an exception.
 *
 * - `code`: stable, for machines and counters.
 * - `reason`: one sentence that names the place; safe to log, whatever a hostile sender wrote.
 * - `facts`: the evidence.
 */
export interface Refusal<Code extends string = string> {
  readonly kind: 'refused';
  readonly code: Code;
  readonly reason: string;
  readonly facts: Readonly<Record<string, string | number>>;
}

export function refused<Code extends string>(
  code: Code,
  reason: string,
  facts: Readonly<Record<string, string | number>> = {},
): Refusal<Code> {
  return { kind: 'refused', code, reason, facts };
}

/** A stranger's text for a log line: quoted, at most 80 characters, and all but printable ASCII escaped. */
export function quoted(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 80)}...` : text;
  const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(short).replace(/[^ -~]/g, escape);
}
