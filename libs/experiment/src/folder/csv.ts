import type { RoundRecord } from './records.ts';

const columns = {
  round: ({ round }) => round,
  outcome: ({ outcome }) => outcome,
  from_ms: ({ fromMs }) => fromMs,
  to_ms: ({ toMs }) => toMs,
  accuracy: ({ test }) => test?.accuracy,
  loss: ({ test }) => test?.loss,
  accepted: ({ verdicts }) => verdicts.accepted,
  refused: ({ verdicts }) => verdicts.refused,
  unavailable: ({ verdicts }) => verdicts.unavailable,
  gas_used: ({ gasUsed }) => gasUsed,
  message_bytes: ({ messageBytes }) => messageBytes,
  blob_bytes: ({ blobBytes }) => blobBytes,
  seconds: ({ seconds }) => Object.values(seconds).reduce((sum, s) => sum + s, 0),
} satisfies Record<string, (record: RoundRecord) => number | bigint | string | null | undefined>;

/** `rounds.csv`, for spreadsheets and plots; `rounds.jsonl` has more. */
export const csvHeader = Object.keys(columns).join(',');

export function csvLine(record: RoundRecord): string {
  return Object.values(columns)
    .map((column) => String(column(record) ?? ''))
    .join(',');
}
