import { resolve } from 'node:path';
import type { DatasetSource } from '#libs/data';
import { isModelFile } from '../run-file/resolve.ts';
import type { RunPlan } from '../run-plan.ts';

/** What a plan names by path, as this machine finds it. */
export interface Placed {
  /** For `loadDataset`. */
  readonly source: DatasetSource;
  /** For `loadModel`. */
  readonly model: string;
  /** For `compilePolicy`; absent where the policy is one of the product's. */
  readonly policy?: string;
}

/**
 * The paths of a plan, which are relative to the folder of its run file, made absolute. They are not so in the plan itself,
 * because the same run file has to give the same digest on every machine.
 */
export function placed({ data, model, policy }: RunPlan, folder: string): Placed {
  const at = (path: string): string => resolve(folder, path);
  return {
    source: placedSource(data.source, folder),
    model: isModelFile(model) ? at(model) : model,
    ...(policy.kind === 'file' ? { policy: at(policy.path) } : {}),
  };
}

/** The plan with what is read where this machine finds it. Its digest is another: only the plan as it is has the run's. */
export function located(plan: RunPlan, folder: string): RunPlan {
  const { source, model } = placed(plan, folder);
  return { ...plan, model, data: { ...plan.data, source } };
}

/** A dataset with its paths, which are relative to a folder, made absolute. */
export function placedSource(source: DatasetSource, folder: string): DatasetSource {
  const at = (path: string): string => resolve(folder, path);
  switch (source.kind) {
    case 'csv': {
      const { path, testPath } = source;
      return { ...source, path: at(path), ...(testPath === undefined ? {} : { testPath: at(testPath) }) };
    }
    case 'npy': {
      const { features, labels, test } = source;
      const placedTest = test && { features: at(test.features), labels: at(test.labels) };
      return {
        ...source,
        features: at(features),
        labels: at(labels),
        ...(placedTest ? { test: placedTest } : {}),
      };
    }
    case 'mnist':
    case 'fashion-mnist':
    case 'cifar-10':
    case 'cifar-100':
      return source.folder === undefined ? source : { ...source, folder: at(source.folder) };
  }
}

/** The files and folders that a dataset is read from, as the run file names them; none where it is found by its name. */
export function dataPaths(source: DatasetSource): string[] {
  switch (source.kind) {
    case 'csv':
      return [source.path, ...(source.testPath === undefined ? [] : [source.testPath])];
    case 'npy': {
      const { features, labels, test } = source;
      return [features, labels, ...(test === undefined ? [] : [test.features, test.labels])];
    }
    case 'mnist':
    case 'fashion-mnist':
    case 'cifar-10':
    case 'cifar-100':
      return source.folder === undefined ? [] : [source.folder];
  }
}

/** That of the model, where it is a file. */
export const modelPath = ({ model }: Pick<RunPlan, 'model'>): string | undefined =>
  isModelFile(model) ? model : undefined;
