import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openInProcessChain } from '#libs/evm';
import { openRunFolder, parseRunFile, policyOf, type RunPlan } from '#libs/experiment';
import { findProcesses, followLocally } from '#libs/local';
import type { Digest, Event } from '#libs/protocol';
import { type Ground, layGround, type RunObserver, runPlan, type RunResult } from '#libs/simulation';
import { manifestOf } from '../../apps/cli/src/run/manifest.ts';
import { withNetwork } from '../local/network.ts';

// One run twice: by the simulator, and by processes on real servers. What counts has to come out the same.

/** Nobody is late, so that the protocol leaves nothing to chance: who is judged, who proposes, who settles. */
const runFile = `
name: parity
seed: 7
rounds: 3
model: mlp-200
data: { dataset: mnist, samplesPerTrainer: 300, samplesPerValidator: 300, testSamples: 1000 }
training: { epochs: 1, batchSize: 32, optimizer: { kind: sgd, learningRate: 0.05 } }
trainers:
  count: 4
  behaviours: [{ kind: signFlip, factor: 3, at: [2] }]
validators: 3
scheme: { kind: bsp, period: 5 min }
`;

/** What a run decides, and nothing of when or where. */
interface Decided {
  readonly end: RunResult['end'];
  readonly rounds: readonly object[];
  readonly actors: readonly object[];
  /** Digest of every model that was released. */
  readonly models: readonly Digest[];
}

class Looking implements RunObserver {
  readonly models: Digest[] = [];

  events(events: readonly Event[]): void {
    for (const event of events) if (event.kind === 'modelReleased') this.models.push(event.model);
  }

  decided({ end, rounds, actors }: RunResult): Decided {
    return {
      end,
      rounds: rounds.map(
        ({ round, result, version, accuracy, loss, verdicts, trusts, penalties, agreement }) => ({
          ...{ round, result, version, accuracy, loss, verdicts, trusts, penalties },
          agreement: agreement.toSorted((a, b) => (a.validator < b.validator ? -1 : 1)),
        }),
      ),
      actors: actors.map(({ idle: _, site: __, ...rest }) => rest),
      models: this.models,
    };
  }
}

const folder = mkdtempSync(join(tmpdir(), 'flobc-parity-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function simulated(plan: RunPlan, ground: Ground): Promise<Decided> {
  const observer = new Looking();
  const policy = await policyOf(plan, '.');
  const openFolder = (ledger: Parameters<typeof manifestOf>[3]) =>
    openRunFolder(join(folder, 'sim'), manifestOf(plan, 'sim', ground, ledger));
  return observer.decided(
    await runPlan(plan, ground, { openChain: openInProcessChain, policy, observer, openFolder }),
  );
}

async function hosted(plan: RunPlan, ground: Ground): Promise<Decided> {
  const observer = new Looking();
  return withNetwork(plan, async ({ network, folder: place, warnings }) => {
    const result = await followLocally({
      ...{ plan, network, ground, observer, signal: new AbortController().signal },
      warn: (notices) => {
        expect(notices).toEqual([]);
      },
      openFolder: (path, ledger) => openRunFolder(path, manifestOf(plan, 'local', ground, ledger)),
    });
    expect(warnings).toEqual([]);
    // Whatever became of this process, what it has started could be ended.
    const names = findProcesses(place).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['nats', 'redis', 'chain', 'scheduler-0', 'validator-0']));
    return observer.decided(result);
  });
}

test('processes on real servers decide what the simulator decides: verdicts, trusts, money, models', async () => {
  const { plan } = await parseRunFile(runFile, { file: 'parity', folder: '.' });
  const ground = await layGround(plan);
  try {
    const sim = await simulated(plan, ground);
    expect(sim).toMatchObject({ end: 'finished', models: { length: 3 } });
    // One of them is refused, so that there is something to decide.
    expect(sim.actors[2]).toMatchObject({ behaviour: 'signFlip', accepted: 0, refused: 3 });
    expect(await hosted(plan, ground)).toEqual(sim);
  } finally {
    await ground.learner.close();
  }
}, 180_000);
