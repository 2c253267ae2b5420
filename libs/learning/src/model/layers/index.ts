import { activationLayer, leakyReluLayer, reluLayer } from './activation.ts';
import { batchNormalization } from './batch-normalization.ts';
import { conv2d } from './conv2d.ts';
import { dense } from './dense.ts';
import { dropout } from './dropout.ts';
import type { LayerKind } from './layer.ts';
import { averagePooling, maxPooling } from './pooling.ts';
import { flatten } from './flatten.ts';

const kinds = [
  activationLayer,
  averagePooling,
  batchNormalization,
  conv2d,
  dense,
  dropout,
  flatten,
  leakyReluLayer,
  maxPooling,
  reluLayer,
] as const;

/** The layers that the compiled backend trains, by their Keras class names. */
export const layerKinds: ReadonlyMap<string, LayerKind<never>> = new Map(
  kinds.map((kind) => [kind.className, kind as unknown as LayerKind<never>]),
);
