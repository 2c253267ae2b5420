/** Why the protocol refused an input. Refusals are values; each one is counted in the state. */
export const rejections = {
  malformed: 'not an input at all: wrong type, form or range',
  ended: 'the run is finished or halted',
  early: 'about something that has not begun here; feed it again later',
  stale: 'about a round, phase or attempt that is over',
  duplicate: 'known already',
  conflicting: 'contradicts what is known already',
  equivocation: 'two different statements of one actor in one slot',
  otherParent: 'builds on another release than this round, or on another preview',
  notMember: 'the actor is not a member in that role',
  alreadyMember: 'the actor has a role already',
  jailed: 'the actor is in jail',
  notInCommittee: 'the actor does not vote in this round',
  notProposer: "it is another actor's turn to propose",
  unknownReceipt: 'the lineup holds a receipt that has not been seen here; feed it again later',
  incomplete: 'the lineup leaves out a receipt that was here at the close',
  notInLineup: 'the update is not in the lineup',
  notCommitted: 'a ballot without a commitment',
  replayed: 'the sequence has been used, or a later one of the Trainer',
  superseded: 'as many later updates of the Trainer wait for a lineup as may',
  tooFarAhead:
    'the lineup has an update of a Trainer that runs ahead of the slowest by more than the scheme allows',
  wrongLength: 'not one value for each entry of the lineup',
} as const;

export type RejectionCode = keyof typeof rejections;
