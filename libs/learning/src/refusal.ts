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
