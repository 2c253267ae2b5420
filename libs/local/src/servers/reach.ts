import { BullRoundJobs } from '#libs/bullmq';
import { Fault, isFault } from '#libs/fault';
import { type LinkOptions, openNats } from '#libs/nats';
import type { LocalNats } from './nats.ts';
import type { LocalRedis } from './redis.ts';

// Servers that are there already: that they answer is seen before anything else is done. What passes through them is not
// measured, because it is not the network's alone.

/** Somebody waits at the terminal. */
const patienceMs = 3_000;

/** @throws Fault BUS_UNREACHABLE, BUS_REFUSED */
export async function reachNats(link: LinkOptions): Promise<LocalNats> {
  try {
    const opened = await openNats({ ...link, patienceMs });
    await opened.close();
  } catch (error) {
    if (!isFault(error) || error.code !== 'BUS_REFUSED') throw error;
    const hint = `${error.hint} For flobc up: --nats-credentials FILE, --nats-ca FILE.`;
    throw new Fault(error.code, error.message, { facts: error.facts, hint, cause: error });
  }
  return { urls: link.servers, movedBytes: () => Promise.resolve(0) };
}

/** @throws Fault QUEUE_UNREACHABLE */
export async function reachRedis(url: string): Promise<LocalRedis> {
  const jobs = await BullRoundJobs.open({ url, run: 'none', patienceMs });
  await jobs.close();
  return { url };
}
