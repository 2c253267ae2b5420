import {
  childOf,
  fieldsOf,
  isMapping,
  opened,
  type Origin,
  type Path,
  pathText,
  placeOf,
  type Schema,
} from '#libs/settings';
import type { LoadedNode } from './load.ts';
import { nodeFile } from './schema.ts';

/** A value of a node and where it came from; secrets as `<secret>`. */
export interface ExplainedSetting {
  readonly path: string;
  readonly value: string;
  /** `node.yaml:7:3`, a variable, `default`, or what a default was worked out from. */
  readonly source: string;
}

/** Every value that a node is told, in the order of the schema; what is not given and has no default is left out. */
export function explainNode({ config, settings, origins }: LoadedNode): ExplainedSetting[] {
  const { name, workers } = config;
  const known = { ...settings, name, workers };
  const explained: ExplainedSetting[] = [];
  const visit = (schema: Schema | undefined, value: unknown, path: Path): void => {
    if (value === undefined) return;
    if (isMapping(value)) {
      for (const key of Object.keys((schema && fieldsOf(schema, value)) ?? value))
        visit(schema && childOf(schema, value, key), value[key], [...path, key]);
      return;
    }
    const text = pathText(path);
    const source = sourceOf(origins.get(text), schema && opened(schema).meta.derived);
    explained.push({ path: text, value: shownAs(schema, value), source });
  };
  visit(nodeFile, known, []);
  return explained;
}

function sourceOf(origin: Origin | undefined, derived: string | undefined): string {
  if (origin !== undefined && origin.kind !== 'default' && origin.kind !== 'derived') return placeOf(origin);
  return derived === undefined ? 'default' : `default: ${derived}`;
}

function shownAs(schema: Schema | undefined, value: unknown): string {
  if (Array.isArray(value))
    return value.map((item: unknown, i) => shownAs(schema && childOf(schema, value, i), item)).join(', ');
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  switch (schema && opened(schema).meta.secret) {
    case 'value':
      return '<secret>';
    case 'url':
      return withoutSecrets(text);
    case undefined:
      return text;
  }
}

/** Of an address only where it leads to: user, password, path and query may be what lets one in. */
export function withoutSecrets(url: string): string {
  const [, scheme = '', user = '', host = '', rest = ''] = /^(\w+:\/\/)?([^@/]*@)?([^/?#]*)(.*)$/.exec(url)!;
  const path = /^\/?\d{0,2}$/.test(rest) ? rest : '/<secret>';
  return `${scheme}${user === '' ? '' : '<secret>@'}${host}${path}`;
}
