import { type RunState, valuesOf } from '#libs/protocol';

const asText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);

/** What two states must have in common to be the same state, as text. */
export function fingerprint(state: RunState): string {
  return JSON.stringify({ ...state, config: null }, asText);
}

/** What followers of one ledger must agree on when everything has arrived: all but the receipts they hold and refused. */
export function agreement(state: RunState): string {
  const trainers = valuesOf(state.trainers).map((trainer) => ({ ...trainer, unused: null }));
  return (
    fingerprint({ ...state, nowMs: 0, trainers: null, equivocators: null, rejections: {} }) +
    JSON.stringify(trainers, asText)
  );
}
