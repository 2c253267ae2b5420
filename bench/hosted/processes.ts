import { readFileSync } from 'node:fs';
import { findProcesses } from '#libs/local';

/** What processes are counted as: `trainer`, `validator`, `scheduler`, `nats`, `redis`, `chain`. */
export const roleOf = (name: string): string => name.replace(/-\d+$/, '');

export interface Used {
  readonly name: string;
  readonly cpuSeconds: number;
  /** Resident, and the share of it that nobody else has, or its part of what several have. */
  readonly rssBytes: number;
  readonly pssBytes: number;
}

/** Clock ticks a second that Linux counts in, whatever the machine's own clock does. */
const ticks = 100;
const kibi = 1024;

/** What the processes of a network have used so far. Linux only. */
export function usedBy(folder: string): Used[] {
  return findProcesses(folder).map(({ name, pid }) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // What comes after the name, which may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const memory = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const sizeOf = (what: string): number =>
      kibi * Number(new RegExp(`^${what}:\\s+(\\d+) kB`, 'm').exec(memory)?.[1] ?? 0);
    const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / ticks;
    return { name, cpuSeconds, rssBytes: sizeOf('Rss'), pssBytes: sizeOf('Pss') };
  });
}

/** CPU seconds by role between two looks. */
export function cpuBetween(
  before: readonly Used[],
  after: readonly Used[],
): Readonly<Record<string, number>> {
  const spent: Record<string, number> = {};
  for (const { name, cpuSeconds } of after) {
    const since = before.find((one) => one.name === name)?.cpuSeconds ?? 0;
    spent[roleOf(name)] = (spent[roleOf(name)] ?? 0) + cpuSeconds - since;
  }
  return spent;
}
