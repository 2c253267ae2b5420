import type { Blobs, Bus, Work, Workshop } from '#libs/ports';
import { parseSubject } from '#libs/wire';
import type { RunMetrics } from './run-metrics.ts';

// Ports that tell what goes through them, and are otherwise what they were.

/** The kind of a message by its subject. */
export function kindOf(subject: string): string {
  const parsed = parseSubject(subject);
  return parsed.kind === 'refused' ? 'unknown' : parsed.of.kind;
}

export const measuredBus = (bus: Bus, metrics: RunMetrics): Bus => ({
  async publish(subject, bytes) {
    await bus.publish(subject, bytes);
    metrics.moved('out', kindOf(subject), bytes.length);
  },
  subscribe: (prefix, deliver) => bus.subscribe(prefix, deliver),
});

export const measuredBlobs = (blobs: Blobs, metrics: RunMetrics): Blobs => ({
  async put(bytes, what) {
    const digest = await blobs.put(bytes, what);
    metrics.moved('out', `${what?.kind ?? 'model'} object`, bytes.length);
    return digest;
  },
  async get(digest, maxSizeBytes, what) {
    const bytes = await blobs.get(digest, maxSizeBytes, what);
    if (bytes !== null) metrics.moved('in', `${what?.kind ?? 'model'} object`, bytes.length);
    return bytes;
  },
});

export const measuredWorkshop = (workshop: Workshop, metrics: RunMetrics): Workshop => ({
  run: <T>(work: Work, job: () => Promise<T>) =>
    workshop.run(work, async () => {
      const start = performance.now();
      const result = await job();
      if (work.kind === 'training') metrics.trained(work.samples, (performance.now() - start) / 1000);
      return result;
    }),
});
