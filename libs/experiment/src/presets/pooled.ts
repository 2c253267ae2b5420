import type { Preset } from './preset.ts';

/** All Trainers' data in one place: what decentralisation is measured against. */
export const pooled: Preset = {
  name: 'pooled',
  says: "One model trained on all Trainers' data together: the bound that the others are measured against.",
  settings: [
    { path: 'coordination', value: 'pooled', why: 'one model on all data' },
    { path: 'validators.count', value: 0, why: 'nobody votes' },
  ],
};
