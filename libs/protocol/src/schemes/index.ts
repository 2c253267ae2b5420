import type { SchemeConfig } from '../config.ts';
import { bap } from './bap.ts';
import { bsp } from './bsp.ts';
import { buffered } from './buffered.ts';
import type { Scheme } from './scheme.ts';
import { ssp } from './ssp.ts';

export function schemeOf(config: SchemeConfig): Scheme {
  switch (config.kind) {
    case 'bsp':
      return bsp(config);
    case 'ssp':
      return ssp(config);
    case 'bap':
      return bap(config);
    case 'buffered':
      return buffered(config);
  }
}
