import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunPlan } from '#libs/experiment';
import type { Engine, EngineOptions } from '../run/engine.ts';
import { FakeRun } from '../run/fake-run.fixture.ts';
import { Ended, FakeSignals } from '../run/fake-signals.fixture.ts';
import { FakeTerminal } from '../run/terminal/fake-terminal.fixture.ts';
import type { Terminal } from '../run/terminal/terminal.ts';
import { runCommand } from './run.ts';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flobc-run-'));
  file = join(folder, 'small.yaml');
  await writeFile(file, 'name: small\nrounds: 3\ntrainers: 3\ndata: { samplesPerTrainer: 100 }\n');
});
afterAll(() => rm(folder, { recursive: true }));

interface Ran {
  readonly out: string;
  readonly err: string;
  readonly ended: number;
  /** How often what does not end with this process was ended. */
  readonly lastActs: number;
  readonly exitCode: number | undefined;
  readonly options: EngineOptions;
  readonly plan: RunPlan;
  readonly listeners: number;
}

/** Ctrl-C when the first round is over, so many times. */
interface Circumstances {
  readonly terminal?: Terminal & { readonly written: string };
  readonly interrupts?: number;
  readonly before?: (signals: FakeSignals) => void;
  readonly isFileGiven?: boolean;
}

/** A made-up run in the engine's place: it stops at the end of a round when it is asked to. */
async function run(
  args: readonly string[],
  { terminal, interrupts = 0, before, isFileGiven = true }: Circumstances = {},
): Promise<Ran> {
  const written = { out: '', err: '' };
  const signals = new FakeSignals();
  let lastActs = 0;
  const seen: { exitCode?: number; options?: EngineOptions; plan?: RunPlan } = {};
  const engine: Engine = async (plan, options) => {
    Object.assign(seen, { plan, options });
    const { observer, signal } = options;
    options.beforeEndingNow(() => lastActs++);
    options.say('loading the data');
    before?.(signals);
    const fake = await FakeRun.of(`name: ${plan.name}\nrounds: ${plan.protocol.maxRounds}\ntrainers: 3\n`);
    observer.started?.(fake);
    for (const moment of fake.play()) {
      if ('events' in moment) observer.events?.(moment.events, fake);
      else {
        observer.round?.(moment.round, fake);
        if (fake.rounds.length === 1) for (let i = 0; i < interrupts; i++) signals.raise('SIGINT');
        if (signal.aborted) return { result: fake.result('stopped'), path: options.out ?? 'runs/small-1-1' };
      }
    }
    return { result: fake.result(), path: options.out ?? 'runs/small-1-1' };
  };
  const command = runCommand({
    terminal: terminal ?? { write: (text) => (written.out += text) },
    side: { write: (text) => (written.err += text) },
    environment: { LANG: 'C.UTF-8' },
    platform: 'linux',
    clock: () => 0,
    signals,
    setExitCode: (code) => {
      seen.exitCode = code;
    },
    engine,
  });
  await command
    .exitOverride()
    .configureOutput({ writeErr: (text) => (written.err += text) })
    .parseAsync([...(isFileGiven ? [file] : []), ...args], { from: 'user' })
    .catch((error: unknown) => {
      if (!(error instanceof Ended)) throw error;
    });
  return {
    out: terminal?.written ?? written.out,
    err: written.err,
    ended: signals.ended,
    lastActs,
    exitCode: seen.exitCode,
    options: seen.options!,
    plan: seen.plan!,
    listeners: signals.listeners,
  };
}

describe('flobc run', () => {
  test('tells of a run from its start to its end', async () => {
    const { out, err, exitCode, listeners } = await run([]);
    expect(out).toContain('small: 3 Trainers, 3 Validators; 3 rounds of bsp');
    expect(out).toContain('round 3/3  accuracy');
    expect(out).toContain('finished after 3 rounds');
    expect({ err, exitCode, listeners }).toEqual({ err: '', exitCode: undefined, listeners: 0 });
  });

  test('options say what holds over the file, and what the engine is given', async () => {
    const { plan, options } = await run([
      ...['--set', 'trainers.count=5', '--set', 'scheme=bap', '--seed', '7', '--keep-updates'],
      ...['--workers', '2', '--out', '/tmp/x'],
    ]);
    expect(plan).toMatchObject({ seed: '7', keep: { updates: true }, protocol: { scheme: { kind: 'bap' } } });
    expect(plan.trainers).toHaveLength(5);
    expect(options).toMatchObject({ workers: 2, out: '/tmp/x', isResumed: false, folder });
  });

  test('a seed may be a text, and what looks like YAML in it is text too', async () => {
    expect((await run(['--seed', 'a: b #c'])).plan.seed).toBe('a: b #c');
    expect((await run(['--seed', '007'])).plan.seed).toBe('007');
  });

  test('--json: lines of JSON and nothing else, even on a terminal', async () => {
    const terminal = new FakeTerminal();
    const { out, err } = await run(['--json'], { terminal });
    const kinds = out
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(kinds[0]).toBe('started');
    expect(kinds.at(-1)).toBe('result');
    expect(new Set(kinds)).toEqual(new Set(['started', 'event', 'round', 'result']));
    expect(err).toBe('');
  });

  test('--quiet is the end alone, and --json --quiet the result', async () => {
    expect((await run(['--quiet'])).out).not.toContain('round 1/3');
    const { out } = await run(['--quiet', '--json']);
    expect(JSON.parse(out)).toMatchObject({ kind: 'result', end: 'finished' });
  });

  test('on a terminal draws on a screen of its own, and leaves the end on that of the shell', async () => {
    const terminal = new FakeTerminal(100, 30);
    await run([], { terminal });
    expect(terminal).toMatchObject({ isAlternate: false, isCursorSeen: true, listeners: 0 });
    expect(terminal.written).toContain('round 1 of 3');
    expect(terminal.text).toContain('finished after 3 rounds');
    expect(terminal.text).not.toContain('round 1 of 3');
  });

  test('warnings come before the run, on the side', async () => {
    const { err } = await run(['--set', 'coordination=fedavg', '--set', 'scoring=standalone']);
    expect(err).toContain('warning --set scoring=standalone  scoring means nothing to coordination fedavg');
  });

  test('a run file that is wrong is a fault with all that is wrong', async () => {
    await expect(run(['--set', 'round=3', '--set', 'trainers.count=0'])).rejects.toMatchObject({
      code: 'RUN_FILE_INVALID',
      message: expect.stringMatching(/2 things are wrong[^]*rounds[^]*trainers/) as string,
    });
  });

  test('without anything to run says so', async () => {
    await expect(run([], { isFileGiven: false })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: 'There is nothing to run: neither a run file nor --resume is given.',
    });
  });
});

describe('Ctrl-C', () => {
  test('once ends the run after its round, and says how it goes on', async () => {
    const { out, err, exitCode, ended, lastActs } = await run([], { interrupts: 1 });
    expect(err).toBe('stopping at the end of the round; Ctrl-C again exits at once\n');
    expect(out).toContain('stopped after 1 round\n');
    expect(out).toContain('go on with  flobc run --resume runs/small-1-1\n');
    expect({ exitCode, ended, lastActs }).toEqual({ exitCode: 130, ended: 0, lastActs: 0 });
  });

  test('twice ends the process at once, with the terminal as it was', async () => {
    const terminal = new FakeTerminal();
    const { ended, lastActs, listeners } = await run([], { terminal, interrupts: 2 });
    expect({ ended, lastActs, listeners }).toEqual({ ended: 1, lastActs: 1, listeners: 0 });
    expect(terminal).toMatchObject({ isAlternate: false, isCursorSeen: true });
    expect(terminal.text).not.toContain('stopped');
  });

  test('before the run has started ends the process at once: there is nothing to go on with', async () => {
    const { ended, lastActs } = await run([], {
      before: (signals) => {
        signals.raise('SIGINT');
      },
    });
    expect({ ended, lastActs }).toEqual({ ended: 1, lastActs: 1 });
  });
});

test('whoever reads has gone: the run ends, quietly', async () => {
  const { ended, err } = await run(['--json'], {
    before: (signals) => {
      signals.loseReader();
    },
  });
  expect({ ended, err }).toEqual({ ended: 1, err: '' });
});

test('the help has examples, and says what Ctrl-C does', () => {
  let help = '';
  const command = runCommand().configureOutput({ writeOut: (text) => (help += text) });
  command.outputHelp();
  expect(help).toContain('$ flobc run experiments/quickstart.yaml\n');
  expect(help).toContain('Ctrl-C ends the run after the round');
});
