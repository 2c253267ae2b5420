import { type Dataset, sharedBytes, sharedFloats } from '#libs/data';

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
