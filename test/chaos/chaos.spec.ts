import { expect, test } from 'vitest';
import { chaos, replayOf } from './chaos.ts';

const seed = Number(process.env.FLOBC_CHAOS_SEED ?? 1);
const rounds = Number(process.env.FLOBC_CHAOS_ROUNDS ?? 1);
const only = process.env.FLOBC_CHAOS_ONLY ?? '';
/** Longer than all faults take, so that it is a fault that is named, and not the whole test. */
const timeoutMs = 1_800_000 + rounds * 60_000;

test(
  'whatever breaks, a run goes on: no round counts twice, nobody votes or is paid twice, tokens add up',
  async () => {
    const say = (line: string): void => void process.stdout.write(`${line}\n`);
    expect(await chaos({ seed, rounds, only, say }), `replay with: ${replayOf(seed)}`).toEqual([]);
  },
  timeoutMs,
);
