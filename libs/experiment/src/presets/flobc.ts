import type { Preset } from './preset.ts';

/** FLoBC as it was published (Ghanem et al., BCCA 2022), with the constants of its released code. */
export const flobc: Preset = {
  name: 'flobc',
  says: 'FLoBC as published: its network, its policy with the released constants, merging by trust.',
  settings: [
    { path: 'coordination', value: 'flobc', why: 'Trainers and Validators' },
    { path: 'model', value: 'flobc-cnn', why: 'the network of its MNIST experiments' },
    {
      path: 'data.sharePerRound',
      value: 0.3,
      why: 'its Trainers draw a random 30 % of their data for each round',
    },
    {
      path: 'training.optimizer',
      value: { kind: 'adam', learningRate: 0.001 },
      why: 'its Keras models are compiled with Adam',
    },
    {
      path: 'scoring',
      value: 'accuracy',
      why: 'its scores are differences of accuracy, and its policy needs them',
    },
    {
      path: 'aggregator',
      value: { name: 'weightedMean', weights: 'trust' },
      why: 'its merge weighs updates by trust',
    },
    {
      path: 'policy',
      value: { name: 'FlobcPolicy', parameters: { decayBp: 0, resetsAtJoin: true } },
      why: 'MAX_SCORE_DECAY is 0 and trusts are reset at a join in the released code; ADR 24',
    },
  ],
};
