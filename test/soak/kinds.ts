import type { Event } from '#libs/protocol';

/** Where the opening of a round ends in a log; the end of the log if it is not there. */
export function openingOf(log: readonly Event[], round: number): number {
  const at = log.findIndex((event) => event.kind === 'roundOpened' && event.round === round);
  return at < 0 ? log.length : at + 1;
}

/** Events that stand for transactions of members and the Sponsor. */
export const aboutMembers: ReadonlySet<string> = new Set<Event['kind']>([
  'joinAsked',
  'leaveAsked',
  'memberSuspended',
  'checkedIn',
  'bondChanged',
  'pauseAsked',
  'resumeAsked',
  'runPaused',
]);

/** Events after which an input that was early may have become timely. */
export const opensDoors: ReadonlySet<string> = new Set<Event['kind']>([
  'roundOpened',
  'phaseOpened',
  'lineupPlaced',
  'settlementPreviewed',
  'membersChanged',
]);
