import { loadDataset, type Shard, wholeShard } from '#libs/data';
import { placed, recordedLoss, type RunFolder } from '#libs/experiment';
import { isFault } from '#libs/fault';
import { requireSame } from '../difference.ts';
import type { RoundFacts } from '../results/round-facts.ts';
import { parametersOf, type Release } from './merges.ts';
import type { Workbench } from './workbench.ts';

/** Tests every kept model once more on the test set. @returns rounds that agree, or why nothing could be tested */
export async function retest(
  folder: RunFolder,
  { learner, initial }: Workbench,
  facts: readonly RoundFacts[],
  releases: readonly Release[],
  root: string,
): Promise<number | { readonly missing: string }> {
  const test = await testSetOf(folder, root);
  if ('missing' in test) return test;
  let tested = 0;
  let newest: Release | undefined;
  for (const [i, { test: found }] of folder.rounds.entries()) {
    const round = facts[i]!.round;
    newest = releases.find((release) => release.round === round) ?? newest;
    const bytes = newest === undefined ? undefined : await folder.blob(newest.model);
    if (newest !== undefined && bytes === undefined) continue;
    const model = newest === undefined ? initial : parametersOf(bytes!, newest.model, initial);
    const [evaluation] = await learner.evaluate([model], test);
    const { loss, accuracy, perClass } = evaluation!;
    const predicted = perClass.length === 0 ? {} : { predicted: perClass.map((one) => one.predicted) };
    const place = { file: 'rounds.jsonl', line: i + 1, round };
    requireSame(
      place,
      'is not what the model does',
      { loss: recordedLoss(loss), accuracy: accuracy ?? null, ...predicted },
      found,
    );
    tested++;
  }
  return tested;
}

async function testSetOf({ plan }: RunFolder, root: string): Promise<Shard | { readonly missing: string }> {
  try {
    const { test } = await loadDataset(placed(plan, root).source);
    if (test === undefined) return { missing: 'the dataset has no test set' };
    const whole = wholeShard(test);
    const { testSamples } = plan.data;
    return testSamples === null ? whole : { dataset: test, indices: whole.indices.slice(0, testSamples) };
  } catch (fault) {
    if (!isFault(fault)) throw fault;
    return { missing: fault.message };
  }
}
