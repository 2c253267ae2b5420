import type { TrainingContext } from '#libs/node';

/** What a Trainer that learns nothing knows of updates: how the released model moves. */
export interface Releases {
  /** The newest release less the one that this Trainer found before it; null as long as it has found only one. */
  lastStep(context: TrainingContext): Float32Array | null;
}

/** Remembers the releases that one Trainer starts from: a settlement without a release is no step. */
export function watchReleases(): Releases {
  let newest: { readonly version: number; readonly values: Float32Array } | null = null;
  let step: Float32Array | null = null;
  return {
    lastStep({ base, version }) {
      if (newest !== null && newest.version < version) step = difference(base.values, newest.values);
      if (newest === null || newest.version < version) newest = { version, values: base.values };
      return step;
    },
  };
}

function difference(after: Float32Array, before: Float32Array): Float32Array {
  return after.map((value, i) => value - before[i]!);
}
