import { layers, sequential, type LayersModel } from '@tensorflow/tfjs-layers';

/** A model as a user writes it: a module whose default export gives a layers model. */
export default function ownModel(): LayersModel {
  return sequential({
    name: 'own',
    layers: [
      layers.conv2d({ name: 'conv', inputShape: [8, 8, 1], filters: 4, kernelSize: 3, activation: 'relu' }),
      layers.batchNormalization({ name: 'normalization' }),
      layers.flatten({ name: 'flatten' }),
      layers.dense({ name: 'dense', units: 6, activation: 'tanh' }),
      layers.dense({ name: 'last', units: 3, activation: 'softmax' }),
    ],
  });
}
