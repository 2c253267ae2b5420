import type { Preset } from './preset.ts';

/** Every Trainer with its own data only: what taking part is worth. */
export const alone: Preset = {
  name: 'alone',
  says: 'Each Trainer by itself, never merged: what it has without taking part.',
  settings: [
    { path: 'coordination', value: 'alone', why: 'nobody merges' },
    { path: 'validators.count', value: 0, why: 'nobody votes' },
  ],
};
