import { Fault } from '#libs/fault';
import type { Target } from './target.ts';

/** What is waited for: a round to be over, or the run. */
export interface Awaited {
  readonly round?: number;
  readonly finished?: boolean;
  readonly timeoutSeconds: number;
}

/** What has come, and whether it is what was waited for: a run may end before the round does. */
export interface Arrived {
  readonly kind: 'roundSettled' | 'roundVoided' | 'runFinished' | 'runHalted';
  readonly round: number | null;
  readonly isWanted: boolean;
}

/** Follows the ledger until it is there. @throws Fault TIMED_OUT */
export async function waitFor(target: Target, awaited: Awaited): Promise<Arrived> {
  const { ledger, run } = target;
  await target.state();
  const head = await ledger.head();
  const patience = new AbortController();
  for await (const { kind, block, events } of ledger.watch({ signal: patience.signal })) {
    if (kind === 'removed') continue;
    for (const event of events) {
      if (event.run !== run) continue;
      if (event.kind === 'runFinished' || event.kind === 'runHalted') {
        const isWanted = awaited.finished === true && event.kind === 'runFinished';
        return { kind: event.kind, round: null, isWanted };
      }
      const isOver = event.kind === 'roundSettled' || event.kind === 'roundVoided';
      if (isOver && event.round === awaited.round)
        return { kind: event.kind, round: event.round, isWanted: true };
    }
    // What has happened already is not waited for, however long it takes to read.
    if (block.number === head.number)
      AbortSignal.timeout(awaited.timeoutSeconds * 1000).onabort = () => {
        patience.abort();
      };
  }
  throw await timedOut(target, awaited);
}

async function timedOut(target: Target, { round, timeoutSeconds }: Awaited): Promise<Fault> {
  const state = await target.state();
  const what = round === undefined ? 'The run is not over' : `Round ${round} is not over`;
  return new Fault(
    'TIMED_OUT',
    `${what} after ${timeoutSeconds} s: round ${state.round} is in its phase ${state.phase}.`,
    {
      facts: { run: target.run, round: state.round, phase: state.phase, deadline: state.deadline },
      hint: 'flobc ctl runs says who is waited for; --timeout SECONDS waits longer.',
    },
  );
}
