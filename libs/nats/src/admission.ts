import type { Digest } from '#libs/protocol';
import { parseSubject } from '#libs/wire';
import { type Budget, Budgets } from './budget.ts';

/** Why a message was dropped before anything costly was done with it. */
export type Refused = 'size' | 'subject' | 'budget';

/**
 * Says what is wrong with a message by its subject and size alone; null: nothing.
 * @param atMs When the server took it: what is read again later, and then faster, has the same budget as when it was new.
 */
export type Admit = (subject: string, sizeBytes: number, atMs: number) => Refused | null;

export interface AdmissionOptions {
  readonly maxMessageBytes: number;
  readonly budget: Budget;
}

/**
 * A Trainer says four things a round, a Validator a dozen: a hundred rounds a minute and more. What passes is checked by
 * everybody, at a signature each (docs/results/hosted.md).
 */
export const defaultAdmission: AdmissionOptions = {
  maxMessageBytes: 64 * 1024,
  budget: { messagesPerSecond: 30, bytesPerSecond: 512 * 1024, burstSeconds: 10 },
};

/** What every message of a run has to pass before it is opened, from cheap to dear. */
export function admissionOf(run: Digest, options: AdmissionOptions = defaultAdmission): Admit {
  const { maxMessageBytes, budget } = options;
  const budgets = new Budgets(budget);
  return (subject, sizeBytes, atMs) => {
    if (sizeBytes > maxMessageBytes) return 'size';
    const parsed = parseSubject(subject);
    if (parsed.kind === 'refused' || parsed.of.run !== run) return 'subject';
    return budgets.spend(parsed.of.sender, sizeBytes, atMs) ? null : 'budget';
  };
}
