import type { presetNames } from '../run-file/schema.ts';
import { alone } from './alone.ts';
import { fedavg } from './fedavg.ts';
import { flobc } from './flobc.ts';
import { pooled } from './pooled.ts';
import type { Preset } from './preset.ts';

/** Every preset there is. A new one is a file, a line here and its name in the schema. */
export const presets: Readonly<Record<(typeof presetNames)[number], Preset>> = {
  flobc,
  fedavg,
  pooled,
  alone,
};

export { layerOf, type Preset, type PresetSetting } from './preset.ts';
