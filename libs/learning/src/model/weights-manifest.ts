import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Fault } from '#libs/fault';
import { layoutSize, type Layout } from '../parameters.ts';

const manifestSchema = z.array(
  z.object({
    paths: z.array(z.string().regex(/^[^/\\]+$/, 'a weights file lies beside model.json')),
    weights: z.array(
      z.object({ name: z.string(), shape: z.array(z.int().nonnegative()), dtype: z.string() }),
    ),
  }),
);

/** A tensor that came with a model. */
export interface GivenTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The weights that come with a tfjs `model.json`, or undefined where the file brings none. */
export function readWeightsManifest(json: unknown, folder: string, place: string): GivenTensor[] | undefined {
  const manifest = (json as { weightsManifest?: unknown }).weightsManifest;
  if (manifest === undefined) return undefined;
  const groups = manifestSchema.safeParse(manifest);
  if (!groups.success) throw damaged(place, groups.error.issues.map(({ message }) => message).join('; '));
  return groups.data.flatMap(({ paths, weights }) => {
    const foreign = weights.find(({ dtype }) => dtype !== 'float32');
    if (foreign) throw damaged(place, `${foreign.name} is ${foreign.dtype}, not float32`);
    const bytes = Buffer.concat(paths.map((path) => readBytes(join(folder, path), place)));
    const size = weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    if (bytes.length !== 4 * size)
      throw damaged(place, `${paths.join(', ')} hold ${bytes.length} bytes, not ${4 * size}`);
    let next = 0;
    return weights.map(({ name, shape }) => {
      const values = Float32Array.from({ length: sizeOf(shape) }, () => bytes.readFloatLE(4 * next++));
      return { name, shape, values };
    });
  });
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, d) => product * d, 1);

/**
 * Given tensors as the flat vector of a layout: by their names, since tfjs writes what is measured behind all that is
 * learnt; or in their order, where the names are others altogether.
 *
 * @throws Fault `MODEL_INVALID` that names the tensor
 */
export function placeWeights(given: readonly GivenTensor[], layout: Layout, place: string): Float32Array {
  const byName = new Map(given.map((tensor) => [tensor.name, tensor]));
  const areNamed = layout.some(({ name }) => byName.has(name));
  const values = new Float32Array(layoutSize(layout));
  for (const [i, { name, shape, offset }] of layout.entries()) {
    const tensor = areNamed ? byName.get(name) : given[i];
    if (!tensor) throw foreign(place, `there is none for ${name}`);
    if (tensor.shape.join() !== shape.join())
      throw foreign(
        place,
        `${tensor.name} has shape [${tensor.shape.join(', ')}] and the model needs [${shape.join(', ')}]`,
      );
    values.set(tensor.values, offset);
  }
  if (given.length !== layout.length)
    throw foreign(place, `there are ${given.length} tensors and the model has ${layout.length}`);
  return values;
}

function foreign(place: string, what: string): Fault {
  return new Fault('MODEL_INVALID', `${place}: its weights do not fit: ${what}`, {
    hint: 'The weights file belongs to another topology; without a weightsManifest, weights are drawn.',
  });
}

function readBytes(path: string, place: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw damaged(place, (cause as Error).message, cause);
  }
}

function damaged(place: string, what: string, cause?: unknown): Fault {
  return new Fault('MODEL_INVALID', `${place}: its weights cannot be read: ${what}`, {
    hint: 'The files named in weightsManifest lie beside model.json; without a weightsManifest, weights are drawn.',
    cause,
  });
}
