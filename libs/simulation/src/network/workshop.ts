import type { Work, Workshop } from '#libs/ports';
import type { VirtualTime } from '../time/virtual-time.ts';

/** A multiplication and an addition for every parameter and example that passes. */
const flopPerParameter = 2;

/**
 * What a node of speed 1 does: a slow device at the edge. One example through the training of an MLP with 199,210
 * parameters, 3 passes, is 1.2 Mflop and takes 0.3 ms.
 */
const flopPerMs = 4e6;

/** Forward, and backward at twice the price of forward (gradients of inputs and of weights); otherwise forward only. */
const passesOf = ({ kind, samples }: Work): number => samples * (kind === 'training' ? 3 : 1);

/** How long work takes on a node that is `speed` times as fast as one of speed 1: whole ms, at least one. */
export function costMs(work: Work, speed: number): number {
  const flop = passesOf(work) * work.parameters * flopPerParameter;
  return Math.max(1, Math.round(flop / (flopPerMs * speed)));
}

/**
 * A node's workshop in virtual time. Jobs really run at once and beside each other, on the pool that they use; in
 * virtual time the node has one device, and its jobs take it one after the other.
 */
export function simulatedWorkshop(time: VirtualTime, speed: number): Workshop {
  let freeMs = 0;
  return {
    run(work, job) {
      freeMs = Math.max(freeMs, time.nowMs()) + costMs(work, speed);
      return time.work(freeMs - time.nowMs(), job);
    },
  };
}
