import { type Dataset, sharedBytes, sharedFloats } from '#libs/data';
import { generator } from '#libs/random';

/** Images of which every value says where it comes from, so that a test sees what has been changed. */
export function images({
  size = 20,
  height = 6,
  width = 5,
  channels = 1,
  classes = 10,
  floats = false,
} = {}): Dataset {
  const values = size * height * width * channels;
  const features = floats ? sharedFloats(values) : sharedBytes(values);
  for (let i = 0; i < values; i++) features[i] = i % 199;
  const labels = sharedBytes(size);
  for (let i = 0; i < size; i++) labels[i] = i % classes;
  const scale = { mean: 0, deviation: 1 };
  return { name: 'images', size, shape: [height, width, channels], classes, labels, features, scale };
}

/** Noisy images that can be learnt: a class is the third of the rows that is bright. */
export function stripes({ seed, size }: { seed: string; size: number }): Dataset {
  const [side, classes] = [12, 3];
  const random = generator(seed);
  const [labels, features] = [sharedBytes(size), sharedBytes(size * side * side)];
  for (let i = 0; i < features.length; i++) {
    const example = Math.floor(i / side ** 2);
    if (i % side ** 2 === 0) labels[example] = random.integer(classes);
    const third = Math.floor((i % side ** 2) / (side * (side / classes)));
    features[i] = random.integer(100) + (third === labels[example] ? 60 : 0);
  }
  const scale = { mean: 0.3, deviation: 0.3 };
  return { name: 'stripes', size, shape: [side, side, 1], classes, labels, features, scale };
}
