import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openInProcessChain } from '#libs/evm';
import {
  configurationDigest,
  loadRunFile,
  openRunFolder,
  planJson,
  readRunFolder,
  type RunPlan,
} from '#libs/experiment';
import { createRun, parseConfig, step } from '#libs/protocol';
import { generator } from '#libs/random';
import { type Ground, layGround, runPlan } from '#libs/simulation';
import { type Verification, verifyRunFolder, type VerifyOptions } from '#libs/verify';
import { formatEvent } from '#libs/wire';

/** A place for run folders and what they are made from; gone with the test. */
export interface Bench {
  readonly plan: RunPlan;
  readonly ground: Ground;
  path(name: string): string;
  /** Carries the plan out, and leaves a folder. @param keys Another seed for everybody's keys than the plan's. */
  run(name: string, keys?: string): Promise<string>;
  close(): Promise<void>;
}

const runFile = `
name: verified
seed: 7
rounds: 2
model: logistic
data:
  dataset: { kind: csv, path: train.csv, testPath: test.csv, label: is }
  samplesPerTrainer: 20
  samplesPerValidator: 20
trainers: { count: 3, behaviours: [{ kind: signFlip, at: [2] }] }
validators: 3
keep: { updates: true, models: all }
`;

/** Points left and right of a line: enough for a model to have something to learn. */
function table(rows: number, random = generator(rows)): string {
  const lines = Array.from({ length: rows }, () => {
    const [x, y] = [random.normal(), random.normal()];
    return `${x.toFixed(3)},${y.toFixed(3)},${x + y > 0 ? 'above' : 'below'}`;
  });
  return ['x,y,is', ...lines, ''].join('\n');
}

export async function openBench(): Promise<Bench> {
  const root = mkdtempSync(join(tmpdir(), 'flobc-verify-'));
  const path = (name: string) => join(root, name);
  writeFileSync(path('run.yaml'), runFile);
  writeFileSync(path('train.csv'), table(200));
  writeFileSync(path('test.csv'), table(50));
  const cwd = process.cwd();
  process.chdir(root);
  const { plan } = await loadRunFile(path('run.yaml'));
  const ground = await layGround(plan, { workers: 1 });
  process.chdir(cwd);
  return {
    plan,
    ground,
    path,
    async run(name, keys) {
      const folder = path(name);
      const random = keys === undefined ? ground.random : generator(keys);
      await runPlan(plan, { ...ground, random }, optionsOf(plan, ground, folder));
      return folder;
    },
    async close() {
      await ground.learner.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function optionsOf(plan: RunPlan, { learner }: Ground, folder: string): Parameters<typeof runPlan>[2] {
  return {
    openChain: openInProcessChain,
    policy: { name: 'ProportionalPolicy' },
    openFolder: (ledger) =>
      openRunFolder(folder, {
        format: 'flobc.run',
        version: 1,
        run: configurationDigest(plan),
        configuration: planJson(plan),
        seed: plan.seed,
        engine: 'sim',
        ledger,
        learning: { backend: learner.backend, version: learner.version },
        software: { flobc: '0.1.0', node: process.version },
      }),
  };
}

export const verify = (folder: string, options: Partial<VerifyOptions> = {}): Promise<Verification> =>
  verifyRunFolder(folder, { openChain: openInProcessChain, root: join(folder, '..'), ...options });

/** Takes an input away, and makes all events anew from the others: nothing shows by itself that one is missing. */
export async function withoutInput(copy: Copy, { plan }: Bench, missing: number): Promise<void> {
  const { inputs, transactions } = await readRunFolder(copy.path);
  const parsed = parseConfig({ ...plan.protocol, run: configurationDigest(plan), initialTrust: 500_000_000 });
  if (!parsed.ok) throw new Error('the plan holds no configuration of the protocol');
  let state = createRun(parsed.config, transactions[0]!.timeSeconds * 1000);
  const anew = inputs.flatMap(({ input }, i) => {
    if (i === missing) return [];
    const taken = step(state, input);
    state = taken.state;
    return taken.events.map(formatEvent);
  });
  copy.changeLines('inputs.jsonl', (line, i) => (i === missing ? null : line));
  copy.change('events.jsonl', (text) => [text.split('\n')[0]!, ...anew, ''].join('\n'));
}

/** A copy of a folder, to be forged. */
export class Copy {
  readonly path: string;

  constructor(of: string, path: string) {
    this.path = path;
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path, { recursive: true });
    cpSync(of, path, { recursive: true });
  }

  text(file: string): string {
    return readFileSync(join(this.path, file), 'utf8');
  }

  bytes(file: string): Buffer {
    return readFileSync(join(this.path, file));
  }

  lines(file: string): string[] {
    return this.text(file).split('\n').slice(0, -1);
  }

  /** Changes the whole text of a file. */
  change(file: string, to: (text: string) => string): this {
    writeFileSync(join(this.path, file), to(this.text(file)));
    return this;
  }

  /** Changes the lines of a file; null takes one away. */
  changeLines(file: string, to: (line: string, i: number) => string | null): this {
    const lines = this.lines(file)
      .map(to)
      .filter((line) => line !== null);
    return this.change(file, () => lines.map((line) => `${line}\n`).join(''));
  }

  /** Puts one byte in the place of another. */
  flip(file: string, at: number, to: number): this {
    const bytes = this.bytes(file);
    bytes[at] = to;
    writeFileSync(join(this.path, file), bytes);
    return this;
  }
}
