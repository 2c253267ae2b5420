import { z } from 'zod';
import { adam, adamConfig } from './adam.ts';
import type { Optimizer } from './optimizer.ts';
import { sgd, sgdConfig } from './sgd.ts';

export type { Optimizer, Scalars } from './optimizer.ts';

export const optimizerConfig = z.discriminatedUnion('kind', [sgdConfig, adamConfig]);
export type OptimizerConfig = z.infer<typeof optimizerConfig>;

export function createOptimizer(config: OptimizerConfig): Optimizer {
  switch (config.kind) {
    case 'sgd':
      return sgd(config);
    case 'adam':
      return adam(config);
  }
}
