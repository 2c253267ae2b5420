import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Fault } from '#libs/fault';

const manifestSchema = z.array(
  z.object({
    paths: z.array(z.string().regex(/^[^/\\]+$/, 'a weights file lies beside model.json')),
    weights: z.array(
      z.object({ name: z.string(), shape: z.array(z.int().nonnegative()), dtype: z.string() }),
    ),
  }),
);

/**
 * The weights that come with a tfjs `model.json`, as one flat vector in the manifest's order (which is that of the
 * layers), or undefined where the file brings none.
 */
export function readWeightsManifest(json: unknown, folder: string, place: string): Float32Array | undefined {
  const manifest = (json as { weightsManifest?: unknown }).weightsManifest;
  if (manifest === undefined) return undefined;
  const groups = manifestSchema.safeParse(manifest);
  if (!groups.success) throw damaged(place, groups.error.issues.map(({ message }) => message).join('; '));
  const vectors = groups.data.map(({ paths, weights }) => {
    const foreign = weights.find(({ dtype }) => dtype !== 'float32');
    if (foreign) throw damaged(place, `${foreign.name} is ${foreign.dtype}, not float32`);
    const bytes = Buffer.concat(paths.map((path) => readBytes(join(folder, path), place)));
    const size = weights.reduce((sum, { shape }) => sum + shape.reduce((product, d) => product * d, 1), 0);
    if (bytes.length !== 4 * size)
      throw damaged(place, `${paths.join(', ')} hold ${bytes.length} bytes, not ${4 * size}`);
    return Float32Array.from({ length: size }, (_, i) => bytes.readFloatLE(4 * i));
  });
  const all = new Float32Array(vectors.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const vector of vectors) {
    all.set(vector, offset);
    offset += vector.length;
  }
  return all;
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
