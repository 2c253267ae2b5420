import type { Chain } from '#libs/ports';
import { type RunState, whoIsWaitedFor } from '#libs/protocol';
import { soon } from './soon.ts';

/** What was found: whether all is well, and the facts. */
export interface Finding {
  readonly ok: boolean;
  readonly facts: Readonly<Record<string, string | number | readonly string[]>>;
}

/** One question to a node, by the name that its answer has in /health/ready. */
export interface Check {
  readonly name: string;
  readonly look: () => Finding | Promise<Finding>;
}

/** Whether there is a connection, as whoever holds it knows. */
export const connectionCheck = (name: string, isConnected: () => boolean): Check => ({
  name,
  look: () => (isConnected() ? { ok: true, facts: {} } : { ok: false, facts: { message: 'not connected' } }),
});

/** How long a chain may take to name its newest block. */
const answerMs = 2_000;

/** Whether the chain answers, and its newest block is young enough. @param staleAfterMs undefined: of any age */
export const chainCheck = (
  chain: Pick<Chain, 'head'>,
  nowMs: () => number,
  staleAfterMs: number | undefined,
): Check => ({
  name: 'chain',
  async look() {
    const head = await soon(chain.head(), answerMs);
    if (head === null) return { ok: false, facts: { message: 'does not answer' } };
    const ageMs = Math.max(0, nowMs() - head.timeSeconds * 1000);
    const facts = { block: head.number, ageSeconds: Math.round(ageMs / 1000) };
    if (staleAfterMs === undefined || ageMs <= staleAfterMs) return { ok: true, facts };
    return { ok: false, facts: { ...facts, message: 'no new blocks' } };
  },
});

/** After a deadline Schedulers act at once and Validators after five seconds; a chain may take some to show it. */
const patienceMs = 20_000;

/** Whether the run goes on: a phase that is overdue by more than everybody's patience has somebody it waits for in vain. */
export const deadlineCheck = (state: () => RunState, nowMs: () => number): Check => ({
  name: 'deadlines',
  look() {
    const { phase, round, dueMs, actors } = whoIsWaitedFor(state());
    const where = { phase, ...(round === null ? {} : { round }) };
    const overdueMs = dueMs === null ? 0 : nowMs() - dueMs;
    if (overdueMs <= patienceMs) return { ok: true, facts: where };
    const message = `${phase} is overdue`;
    return {
      ok: false,
      facts: { ...where, message, overdueSeconds: Math.round(overdueMs / 1000), waitsFor: actors },
    };
  },
});

/** How far the node itself is. */
export const stageCheck = (stage: () => string, ready: string): Check => ({
  name: 'node',
  look: () => ({ ok: stage() === ready, facts: { stage: stage() } }),
});
