import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Fault, nearest } from '#libs/fault';
import { builtInNames, builtInTopology, isBuiltIn } from './built-in.ts';
import type { ModelDescription } from './model.ts';
import { readTopology } from './topology.ts';
import { readWeightsManifest } from './weights-manifest.ts';

export interface ModelOptions {
  /** Overrides the loss that the model names; default: cross-entropy, or what a model.json says it was trained with. */
  readonly loss?: string;
  /** Shape of an example and number of classes, for the built-in models; default: what each was made for. */
  readonly shape?: readonly number[];
  readonly classes?: number;
}

/**
 * A model by the name of a built-in one, the path of a Keras or tfjs `model.json`, or the path of a TypeScript or
 * JavaScript module whose default export gives a layers model (or its JSON).
 *
 * @throws Fault `MODEL_INVALID` that names the file
 */
export async function loadModel(nameOrPath: string, options: ModelOptions = {}): Promise<ModelDescription> {
  if (isBuiltIn(nameOrPath)) {
    const topology = builtInTopology(nameOrPath, options.shape, options.classes);
    const byDefault = options.classes === 0 ? 'meanSquaredError' : 'crossEntropy';
    return { name: nameOrPath, topology, loss: options.loss ?? byDefault };
  }
  const path = resolve(nameOrPath);
  if (!existsSync(path)) throw unknownModel(nameOrPath);
  const json = extname(path) === '.json' ? readJson(path, nameOrPath) : await readModule(path, nameOrPath);
  const topology = readTopology(json, nameOrPath);
  const weights = readWeightsManifest(json, dirname(path), nameOrPath);
  const loss = options.loss ?? statedLoss(json) ?? 'crossEntropy';
  return { name: nameOrPath, topology, loss, ...(weights ? { weights } : {}) };
}

function unknownModel(name: string): Fault {
  const near = nearest(name, builtInNames);
  return new Fault('MODEL_INVALID', `there is no model "${name}", built in or as a file`, {
    facts: { name, builtIn: builtInNames },
    hint: near ? `Did you mean "${near}"?` : `Built in: ${builtInNames.join(', ')}; or give a path.`,
  });
}

function readJson(path: string, name: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new Fault('MODEL_INVALID', `${name}: not JSON: ${(cause as Error).message}`, {
      hint: 'Give a model.json as tfjs or Keras writes it.',
      cause,
    });
  }
}

/** A module's default export: a function (or value) that gives a layers model, or JSON. */
async function readModule(path: string, name: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(path).href)) as { default?: unknown };
    const given: unknown =
      typeof module.default === 'function' ? await (module.default as () => unknown)() : module.default;
    const isLayersModel = typeof given === 'object' && given !== null && 'toJSON' in given;
    return isLayersModel
      ? (given as { toJSON(unused: null, asString: boolean): unknown }).toJSON(null, false)
      : given;
  } catch (cause) {
    throw new Fault(
      'MODEL_INVALID',
      `${name}: the module failed: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        hint: 'Its default export must be a function that returns a tfjs layers model or the JSON of one.',
        cause,
      },
    );
  }
}

/** The loss in a Keras `training_config`, where there is one. */
function statedLoss(json: unknown): string | undefined {
  const topology = ((json as { modelTopology?: unknown }).modelTopology ?? json) as {
    training_config?: { loss?: unknown };
  };
  return lossName(topology.training_config?.loss);
}

/** Keras writes a loss as a name, as { class_name }, or as a list or map by outputs, of which there is one here. */
function lossName(stated: unknown): string | undefined {
  if (stated === undefined || stated === null) return undefined;
  if (typeof stated === 'string') return stated;
  if (typeof stated === 'object') {
    if ('class_name' in stated) return lossName(stated.class_name);
    const [only, ...more] = Object.values(stated) as unknown[];
    if (only !== undefined && more.length === 0) return lossName(only);
  }
  throw new Fault('MODEL_INVALID', `the training_config names its loss as ${JSON.stringify(stated)}`, {
    hint: 'Say which loss is meant: --loss, or the option of that name.',
  });
}
