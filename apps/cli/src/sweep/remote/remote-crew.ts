import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { SweepBoard, type WorkerCard } from '#libs/bullmq';
import { replaceFile } from '#libs/experiment';
import type { Crew } from '../crew.ts';
import type { SweepReport } from '../report.ts';
import type { RedisAddress } from './address.ts';
import { buildOfProduct, refuseOtherBuilds } from './build.ts';
import { GivenOut } from './given-out.ts';
import { needsOf } from './needs.ts';

interface Surroundings {
  readonly report: SweepReport;
  readonly signal: AbortSignal;
  readonly isDry: boolean;
}

/**
 * The workers at a Redis.
 *
 * @throws Fault `QUEUE_UNREACHABLE`, `BUILD_DIFFERS`
 */
export async function remoteCrew(
  { url, shown }: RedisAddress,
  { report, signal, isDry }: Surroundings,
): Promise<Crew> {
  const build = buildOfProduct();
  const workers = isDry ? [] : await workersAt(url);
  refuseOtherBuilds(build, workers, shown);
  const jobs = workers.reduce((sum, { parallel }) => sum + parallel, 0);
  return {
    jobs: Math.max(1, jobs),
    redis: shown,
    async during({ out, sweep: { name }, left }, use) {
      if (left.length === 0) return use({ jobs: 1, workers: 1, openRunner: noRunner });
      const said = new Set<string>();
      const onTrouble = ({ message }: Error) => {
        // Redis is tried again and again, and says the same each time.
        if (message !== '' && !said.has(message)) report.warn([`Redis at ${shown}: ${message}`]);
        said.add(message);
      };
      const offer = { version: 1, name, host: hostname(), build, needs: await needsOf(left) } as const;
      const board = await SweepBoard.open({ url, sweep: queueIdIn(out), onTrouble });
      const given = new GivenOut({ board, offer, report, shown, signal, onTrouble });
      let isOver = false;
      try {
        await given.begin();
        // All at once: how many are run at a time is for the workers to say.
        const result = await use({ jobs: left.length, workers: 1, openRunner: () => given.runner });
        isOver = !signal.aborted;
        return result;
      } finally {
        await given.end(isOver);
        if (isOver) rmSync(join(out, queueFile), { force: true });
      }
    },
  };
}

async function workersAt(url: string): Promise<WorkerCard[]> {
  const board = await SweepBoard.open({ url, sweep: randomBytes(16).toString('hex') });
  try {
    return await board.workers();
  } finally {
    await board.close();
  }
}

const noRunner = () => {
  throw new Error('there is nothing to run');
};

const queueFile = '.queue';

/** What this sweep is called in Redis, as long as it is not carried out: whoever was killed finds it again. */
function queueIdIn(out: string): string {
  const file = join(out, queueFile);
  const there = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (/^[0-9a-f]{32}$/.test(there)) return there;
  const id = randomBytes(16).toString('hex');
  replaceFile(file, `${id}\n`);
  return id;
}
