import { sentenceOf, type Verification } from '#libs/verify';

/** The whole of it as one JSON object; amounts in wei as decimal text. */
export function toJson(verification: Verification): string {
  const { kind, ...rest } = verification;
  const sentence = verification.kind === 'differs' ? { sentence: sentenceOf(verification.difference) } : {};
  const object = { verified: kind === 'verified', ...rest, ...sentence };
  const spelled = (_: string, value: unknown): unknown =>
    typeof value === 'bigint' ? value.toString() : value;
  return `${JSON.stringify(object, spelled, 2)}\n`;
}
