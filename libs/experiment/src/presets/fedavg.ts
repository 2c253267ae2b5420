import type { Preset } from './preset.ts';

/** Federated averaging with a server (McMahan et al. 2017): the baseline that has no Validators. */
export const fedavg: Preset = {
  name: 'fedavg',
  says: 'Federated averaging: one server takes the mean of all updates of a round; no votes, no chain.',
  settings: [
    { path: 'coordination', value: 'fedavg', why: 'one server merges' },
    { path: 'validators.count', value: 0, why: 'nobody votes' },
    {
      path: 'aggregator',
      value: { name: 'weightedMean', weights: 'samples' },
      why: 'algorithm 1 of the paper weighs by the number of examples',
    },
    { path: 'scheme', value: { kind: 'bsp' }, why: 'the server waits for everybody' },
  ],
};
