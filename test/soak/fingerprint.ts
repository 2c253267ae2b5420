import { type RunState, type Table, type Trainer, valuesOf } from '#libs/protocol';

const asText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);

/** What two states must have in common to be the same state, as text. */
export function fingerprint(state: RunState): string {
  return JSON.stringify({ ...state, config: null }, asText);
}

/** What followers of one ledger must agree on when everything has arrived: all but the receipts they hold and refused. */
export function agreement(state: RunState): string {
  const known = (trainers: Table<Trainer>) =>
    JSON.stringify(
      valuesOf(trainers).map((trainer) => ({ ...trainer, unused: null })),
      asText,
    );
  const { trainers, former } = state;
  const rest = { ...state, nowMs: 0, trainers: null, former: null, equivocators: null, rejections: {} };
  return fingerprint(rest) + known(trainers) + known(former);
}
