import { datasets, loadDataset } from '#libs/data';
import { placed, type RunPlan } from '#libs/experiment';
import { isFault } from '#libs/fault';
import { type Learner, loadModel, openLearner, type Parameters } from '#libs/learning';
import { generator } from '#libs/random';

/** The run's model, opened: how its bytes are laid out, and where its training began. */
export interface Workbench {
  readonly learner: Learner;
  /** Everybody makes it from the seed. */
  readonly initial: Parameters;
}

/** Opens it when first asked; null where something of it is missing here. */
export type AskWorkbench = () => Promise<Workbench | null>;

/**
 * Opens the model that a plan names; where files of it are missing here, says why not. One thread: nothing is trained.
 *
 * @param folder What the plan's paths are relative to.
 */
export async function openWorkbench(
  plan: RunPlan,
  folder: string,
): Promise<Workbench | { readonly missing: string }> {
  try {
    const { model: name } = placed(plan, folder);
    const { loss, backend } = plan.learning;
    const model = await loadModel(name, {
      ...(await examplesOf(plan, folder)),
      ...(loss === null ? {} : { loss }),
    });
    const learner = await openLearner({ model, backend, workers: 1 });
    return { learner, initial: await learner.initialise(generator(plan.seed).split('model').path) };
  } catch (fault) {
    if (!isFault(fault)) throw fault;
    return { missing: fault.message };
  }
}

/** Shape and classes; where a dataset has one shape, nobody reads it for that. */
async function examplesOf(plan: RunPlan, folder: string) {
  const { kind } = plan.data.source;
  const { shape, classes } = datasets.find(({ name }) => name === kind)!;
  const isKnown = shape !== undefined && classes !== undefined && kind !== 'cifar-100';
  if (isKnown) return { shape, classes };
  const { train } = await loadDataset(placed(plan, folder).source);
  return { shape: train.shape, classes: train.classes };
}
