import { type Dataset, exampleLength } from '#libs/data';
import { Fault } from '#libs/fault';
import { copied } from './examples.ts';

const patchSide = 4;

/**
 * A test set that shows how well a backdoor has got in: every example that is not of the target's class, with the patch,
 * called the target. The accuracy on it is the share that the patch turns into the target; without a backdoor it is about
 * the share that is taken for the target by mistake.
 */
export function backdoored(dataset: Dataset, target: number): Dataset {
  const others = Uint32Array.from(Array(dataset.size).keys()).filter((i) => dataset.labels[i] !== target);
  const result = copied(dataset, others);
  const stamp = stampFor(dataset, target);
  for (let i = 0; i < result.size; i++) stamp(result, i);
  return result;
}

/**
 * Puts a white patch of 4 x 4 into the lower right corner of an example and calls it the target (BadNets, Gu et al. 2017).
 *
 * @param dataset Where the examples come from: white is the brightest that there is in it
 * @throws Fault `DATA_UNSUITABLE` if the examples are no images
 */
export function stampFor(dataset: Dataset, target: number): (of: Dataset, example: number) => void {
  const { height, width, channels } = imageShape(dataset);
  const white = brightest(dataset.features);
  const length = exampleLength(dataset.shape);
  const firstRow = Math.max(0, height - patchSide);
  const firstValue = Math.max(0, width - patchSide) * channels;
  return ({ features, labels }, example) => {
    for (let row = firstRow; row < height; row++) {
      const at = example * length + row * width * channels;
      features.fill(white, at + firstValue, at + width * channels);
    }
    labels[example] = target;
  };
}

function imageShape(dataset: Dataset): { height: number; width: number; channels: number } {
  const [height, width, channels = 1] = dataset.shape;
  if (height === undefined || width === undefined || dataset.shape.length > 3)
    throw new Fault('DATA_UNSUITABLE', `${dataset.name}: a backdoor cannot be put into what is no image.`, {
      facts: { dataset: dataset.name, shape: dataset.shape },
      hint: 'Its patch needs rows and columns. Train on images, or let no Trainer have a backdoor.',
    });
  return { height, width, channels };
}

const known = new WeakMap<Float32Array, number>();

function brightest(features: Dataset['features']): number {
  if (features instanceof Uint8Array) return 255;
  let most = known.get(features) ?? -Infinity;
  if (most === -Infinity) {
    // An iterator over shared memory takes 20 times as long.
    // eslint-disable-next-line @typescript-eslint/prefer-for-of
    for (let i = 0; i < features.length; i++) most = Math.max(most, features[i]!);
    known.set(features, most);
  }
  return most;
}
