import { type Layer, type Path, pathText } from '#libs/settings';

/** Defaults for a kind of run. What the file says itself holds over them. */
export interface Preset {
  readonly name: string;
  /** One sentence: what runs it is for. */
  readonly says: string;
  readonly settings: readonly PresetSetting[];
}

export interface PresetSetting {
  /** In the words of the run file, such as `data.sharePerRound`. */
  readonly path: string;
  readonly value: unknown;
  readonly why: string;
}

export function layerOf({ name, settings }: Preset): Layer {
  const root: Record<string, unknown> = {};
  for (const { path, value } of settings) {
    const steps = path.split('.');
    let at = root;
    for (const step of steps.slice(0, -1)) at = (at[step] ??= {}) as Record<string, unknown>;
    at[steps.at(-1)!] = value;
  }
  return {
    value: root,
    originOf: (path: Path) => {
      const text = pathText(path);
      const setting = settings.find(
        (candidate) => text === candidate.path || text.startsWith(`${candidate.path}.`),
      );
      return { kind: 'preset', name, why: setting?.why ?? '' };
    },
  };
}
