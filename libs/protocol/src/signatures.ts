import type { ActorId, Digest } from './ids.ts';
import { isQuorum } from './quorum.ts';
import type { Proposal, Round, RunState } from './state.ts';
import { find, type Table } from './table.ts';

/** The key of a lineup signature. */
export const signatureKey = (attempt: number, validator: ActorId): string => `${attempt}/${validator}`;

/** Who has signed a proposed lineup, if they are a quorum of the committee; else null. */
export function lineupSigners(
  { config }: RunState,
  round: Round,
  signatures: Table<Digest>,
  { attempt, lineup }: Proposal,
): ActorId[] | null {
  return quorumOf(config, round, (id) => find(signatures, signatureKey(attempt, id)) === lineup);
}

/** Who has signed a model, if they are a quorum of the committee; else null. */
export function modelSigners(
  { config }: RunState,
  round: Round,
  signatures: Table<Digest>,
  model: Digest,
): ActorId[] | null {
  return quorumOf(config, round, (id) => find(signatures, id) === model);
}

function quorumOf(
  { quorum }: RunState['config'],
  { committee }: Round,
  has: (id: ActorId) => boolean,
): ActorId[] | null {
  const signers = committee.filter(({ id }) => has(id));
  return isQuorum(quorum, committee, ({ id }) => has(id)) ? signers.map(({ id }) => id) : null;
}
