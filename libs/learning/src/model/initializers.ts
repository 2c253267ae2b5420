import { z } from 'zod';
import type { Generator } from '#libs/random';

const fans = z.enum(['fanIn', 'fanOut', 'fanAvg', 'fan_in', 'fan_out', 'fan_avg']);
const scaling = z.object({
  class_name: z.literal('VarianceScaling'),
  config: z.looseObject({ scale: z.number().positive(), mode: fans, distribution: z.string() }),
});
const constant = z.object({
  class_name: z.literal('Constant'),
  config: z.looseObject({ value: z.number() }),
});
const uniform = z.object({
  class_name: z.literal('RandomUniform'),
  config: z.looseObject({ minval: z.number(), maxval: z.number() }),
});
const normal = z.object({
  class_name: z.enum(['RandomNormal', 'TruncatedNormal']),
  config: z.looseObject({ mean: z.number().default(0), stddev: z.number().positive() }),
});
const named = z.object({
  class_name: z.enum([
    'Zeros',
    'Ones',
    'GlorotUniform',
    'GlorotNormal',
    'HeUniform',
    'HeNormal',
    'LeCunUniform',
    'LeCunNormal',
  ]),
  config: z.unknown(),
});

/** Initializers as Keras writes them into a topology. */
export const initializerConfig = z.union([scaling, constant, uniform, normal, named], {
  error: 'this initializer is not covered',
});
export type InitializerConfig = z.infer<typeof initializerConfig>;

const variance = (scale: number, mode: 'fanIn' | 'fanAvg', distribution: string): InitializerConfig => ({
  class_name: 'VarianceScaling',
  config: { scale, mode, distribution },
});

export const zeros: InitializerConfig = { class_name: 'Zeros', config: {} };
export const ones: InitializerConfig = { class_name: 'Ones', config: {} };
/** Glorot, Bengio 2010; the default of Keras for kernels. */
export const glorotUniform = variance(1, 'fanAvg', 'uniform');

/** The named initializers are variance scaling with these numbers (Glorot 2010, He 2015, LeCun 1998). */
const aliases: Readonly<Record<string, InitializerConfig>> = {
  GlorotUniform: glorotUniform,
  GlorotNormal: variance(1, 'fanAvg', 'normal'),
  HeUniform: variance(2, 'fanIn', 'uniform'),
  HeNormal: variance(2, 'fanIn', 'normal'),
  LeCunUniform: variance(1, 'fanIn', 'uniform'),
  LeCunNormal: variance(1, 'fanIn', 'normal'),
};

/** Standard deviation of a standard normal cut off at two deviations. */
const truncatedDeviation = 0.87962566103423978;

/** Fills one tensor. Fans of a convolution count its receptive field, as in Keras. */
export function initialise(
  into: Float32Array,
  shape: readonly number[],
  initializer: InitializerConfig,
  random: Generator,
): void {
  const draw = drawOf(shape, initializer, random);
  for (let i = 0; i < into.length; i++) into[i] = draw();
}

function drawOf(shape: readonly number[], initializer: InitializerConfig, random: Generator): () => number {
  switch (initializer.class_name) {
    case 'Zeros':
      return () => 0;
    case 'Ones':
      return () => 1;
    case 'Constant':
      return () => initializer.config.value;
    case 'RandomUniform': {
      const { minval, maxval } = initializer.config;
      return () => minval + (maxval - minval) * random.uniform();
    }
    case 'RandomNormal': {
      const { mean, stddev } = initializer.config;
      return () => mean + stddev * random.normal();
    }
    case 'TruncatedNormal': {
      const { mean, stddev } = initializer.config;
      return () => mean + stddev * truncatedNormal(random);
    }
    case 'VarianceScaling':
      return scaledDraw(shape, initializer.config, random);
    case 'GlorotUniform':
    case 'GlorotNormal':
    case 'HeUniform':
    case 'HeNormal':
    case 'LeCunUniform':
    case 'LeCunNormal':
      return drawOf(shape, aliases[initializer.class_name]!, random);
  }
}

function scaledDraw(
  shape: readonly number[],
  config: z.infer<typeof scaling>['config'],
  random: Generator,
): () => number {
  const field = shape.slice(0, -2).reduce((product, d) => product * d, 1);
  const fanIn = field * (shape.at(-2) ?? shape[0]!);
  const fanOut = field * shape.at(-1)!;
  const mode = config.mode.replace(/_(.)/, (_, letter: string) => letter.toUpperCase());
  const fan = mode === 'fanIn' ? fanIn : mode === 'fanOut' ? fanOut : (fanIn + fanOut) / 2;
  const spread = config.scale / Math.max(1, fan);
  if (config.distribution === 'uniform') {
    const limit = Math.sqrt(3 * spread);
    return () => limit * (2 * random.uniform() - 1);
  }
  if (config.distribution === 'untruncated_normal') return () => Math.sqrt(spread) * random.normal();
  return () => (Math.sqrt(spread) / truncatedDeviation) * truncatedNormal(random);
}

function truncatedNormal(random: Generator): number {
  for (;;) {
    const draw = random.normal();
    if (Math.abs(draw) <= 2) return draw;
  }
}
