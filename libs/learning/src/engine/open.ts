import { Fault } from '#libs/fault';
import { coverModel, type ModelDescription, type Uncovered } from '../model/model.ts';
import { compiledEngine } from './compiled.ts';
import type { BackendName, Engine } from './engine.ts';

export type BackendChoice = BackendName | 'auto';

export interface OpenedEngine {
  readonly engine: Engine;
  /** One line where the choice was not the default one: what is not covered, and what trains it instead. */
  readonly notice: string | undefined;
}

/**
 * The engine for a model: compiled where it covers every layer, otherwise tfjs, and then it says so.
 *
 * @throws Fault `MODEL_INVALID` for a model that makes no sense, `MODEL_NOT_COVERED` where `compiled` was insisted on
 */
export async function openEngine(
  description: ModelDescription,
  choice: BackendChoice,
): Promise<OpenedEngine> {
  const model = coverModel(description);
  const isCovered = !('reason' in model);
  if (choice === 'compiled' && !isCovered) throw notCovered(description, model);
  if (choice !== 'tfjs' && isCovered) return { engine: compiledEngine(model), notice: undefined };
  const { tfjsEngine } = await import('./tfjs.ts');
  const { engine, runtime } = await tfjsEngine(description);
  const why = isCovered ? 'as asked' : `the compiled backend does not cover ${model.layer}: ${model.reason}`;
  return { engine, notice: `training on tfjs (${runtime}), ${why}` };
}

function notCovered({ name }: ModelDescription, { layer, reason }: Uncovered): Fault {
  return new Fault('MODEL_NOT_COVERED', `${name}: the compiled backend does not cover ${layer}: ${reason}`, {
    facts: { layer, reason },
    hint: 'Train it on tfjs (--backend tfjs, or auto), or replace the layer.',
  });
}
