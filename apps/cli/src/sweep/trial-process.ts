// One of the processes that a sweep is carried out by: runs one trial after another, and is never told anything else. What it
// writes is in a folder of its own; the process that asked moves it into place.
import { located, openRunFolder, policyOf, writeTrialFiles } from '#libs/experiment';
import { openInProcessChain } from '#libs/evm';
import { isFault } from '#libs/fault';
import { type Ground, layGround, runPlan, WorkCache } from '#libs/simulation';
import { manifestOf } from '../run/manifest.ts';
import type { TrialMessage, TrialTask } from './trial-messages.ts';

/** Data and model of the trial before, for one that has the same. */
let laid: { readonly key: string; readonly ground: Ground } | undefined;

async function groundOf({ plan, files, workers }: TrialTask): Promise<Ground> {
  const here = located(plan, files);
  const { loss, backend } = plan.learning;
  const key = JSON.stringify([here.data.source, here.model, plan.files, loss, backend, workers]);
  if (laid?.key === key) {
    const { learner, train, test } = laid.ground;
    // The whole test set was kept: a trial may test on fewer examples.
    return layGround(here, { workers, reuse: { learner, train, test } });
  }
  await laid?.ground.learner.close();
  laid = undefined;
  const whole = { ...here, data: { ...here.data, testSamples: null } };
  const ground = await layGround(whole, { workers });
  laid = { key, ground };
  const { learner, train, test } = ground;
  return layGround(here, { workers, reuse: { learner, train, test } });
}

/** A policy in Solidity takes seconds to compile, and most trials of a sweep have the same. */
const policies = new Map<string, ReturnType<typeof policyOf>>();

function policyFor({ plan, files }: TrialTask): ReturnType<typeof policyOf> {
  const key = JSON.stringify([plan.policy, files, plan.files]);
  const found = policies.get(key) ?? policyOf(plan, files);
  policies.set(key, found);
  return found;
}

async function carryOut(task: TrialTask): Promise<TrialMessage> {
  const { plan, place, cache, workers, commit } = task;
  const startedAt = new Date().toISOString();
  const start = performance.now();
  const ground = await groundOf(task);
  const result = await runPlan(plan, ground, {
    openChain: openInProcessChain,
    openFolder: (ledger) => openRunFolder(place, manifestOf(plan, 'sim', ground, ledger)),
    policy: task.policy ?? (await policyFor(task)),
    ...(cache === null ? {} : { cache: new WorkCache(cache) }),
    observer: {
      round: ({ round, accuracy }) => {
        say({ kind: 'round', round, accuracy });
      },
    },
  });
  const seconds = (performance.now() - start) / 1000;
  const memoryBytes = process.resourceUsage().maxRSS * 1024;
  await writeTrialFiles(place, { seconds, workers, memoryBytes, startedAt, commit });
  return { kind: 'ended', seconds, accuracy: result.accuracy, memoryBytes };
}

function say(message: TrialMessage): void {
  process.send?.(message);
}

process.on('message', (task: TrialTask) => {
  carryOut(task).then(say, (error: unknown) => {
    if (!isFault(error)) {
      // A bug of ours: its stack is worth more than its message.
      const { stack = String(error) } = error as Error;
      say({ kind: 'failed', code: 'BUG', message: stack });
      return;
    }
    say({ kind: 'failed', code: error.code, message: error.message });
  });
});
// Ctrl-C reaches every process of the terminal; whether a trial ends is for the one that asked to say.
process.on('SIGINT', () => undefined);
// Nobody is there to move the trial into place: the process that asked has been killed. Not process.exit, which takes
// threads down in the middle of native work.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
