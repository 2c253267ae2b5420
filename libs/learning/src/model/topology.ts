import { z } from 'zod';
import { Fault } from '#libs/fault';

export const layerSchema = z.looseObject({
  class_name: z.string(),
  config: z.looseObject({ name: z.string().optional() }),
});
export type LayerJson = z.infer<typeof layerSchema>;

const dimensions = z.array(z.int().positive().nullable()).min(2);

/** What Keras and tfjs write, in their several spellings: with or without the wrapper, as a list or an object. */
const topologySchema = z.looseObject({ class_name: z.string(), config: z.unknown() });
export type Topology = z.infer<typeof topologySchema>;

const sequentialConfig = z.union([
  z.array(layerSchema).transform((layers) => ({ layers })),
  z.looseObject({ layers: z.array(layerSchema) }),
]);

/** The topology inside the JSON of a model: `model.toJSON()`, a `model.json` or Keras' `to_json()`. */
export function readTopology(json: unknown, place: string): Topology {
  const unwrapped = unwrap(unwrap(json, 'modelTopology'), 'model_config');
  const parsed = topologySchema.safeParse(unwrapped);
  if (parsed.success) return parsed.data;
  throw new Fault('MODEL_INVALID', `${place}: no Keras topology found (class_name and config)`, {
    facts: { problems: parsed.error.issues.map(({ message }) => message) },
    hint: 'Give a tfjs layers model, the JSON of model.toJSON(), or of Keras model.to_json().',
  });
}

function unwrap(json: unknown, key: string): unknown {
  const inner =
    typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[key] : undefined;
  return inner ?? json;
}

/** The layers of a sequential topology, in order, or undefined where it is not sequential. */
export function sequentialLayers(topology: Topology, place: string): LayerJson[] | undefined {
  if (topology.class_name !== 'Sequential') return undefined;
  const parsed = sequentialConfig.safeParse(topology.config);
  if (parsed.success) return parsed.data.layers;
  throw new Fault('MODEL_INVALID', `${place}: a Sequential model without a list of layers`, {
    hint: 'config.layers must be a list of { class_name, config }.',
  });
}

/** Shape of one example, from the first layer that states it. */
export function statedInputShape(layers: readonly LayerJson[]): number[] | undefined {
  for (const { config } of layers) {
    const stated = dimensions.safeParse(
      config.batch_input_shape ?? config.batch_shape ?? config.batchInputShape,
    );
    if (stated.success && stated.data.slice(1).every((d) => d !== null))
      return stated.data.slice(1) as number[];
  }
  return undefined;
}

/** A sequential topology with these layers. */
export function sequential(
  name: string,
  inputShape: readonly number[],
  layers: readonly LayerJson[],
): Topology {
  const [first, ...rest] = layers;
  const entry = { ...first!, config: { ...first!.config, batch_input_shape: [null, ...inputShape] } };
  return { class_name: 'Sequential', config: { name, layers: [entry, ...rest] } };
}
