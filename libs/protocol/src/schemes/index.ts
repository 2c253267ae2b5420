import type { SchemeConfig } from '../config.ts';
import { bap } from './bap.ts';
import { bsp } from './bsp.ts';
import { buffered } from './buffered.ts';
import type { Scheme } from './scheme.ts';
import { ssp } from './ssp.ts';

/** Asked for with every input; made once. */
const made = new WeakMap<SchemeConfig, Scheme>();

export function schemeOf(config: SchemeConfig): Scheme {
  const known = made.get(config);
  if (known !== undefined) return known;
  const scheme = make(config);
  made.set(config, scheme);
  return scheme;
}

function make(config: SchemeConfig): Scheme {
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
