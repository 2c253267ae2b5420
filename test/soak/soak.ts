import { hash } from 'node:crypto';
import { agreement } from './fingerprint.ts';
import { Network, SoakFailure } from './network.ts';
import { scenarioOf, schemeKind } from './scenario.ts';

export interface SoakResult {
  readonly seed: number;
  readonly scheme: string;
  /** Of the ledger's events and the final state: the same on every run of the seed. */
  readonly digest: string;
  readonly steps: number;
  readonly rounds: number;
  readonly releases: number;
}

/** Runs one seed to its end and checks what must hold of every run. Throws {@link SoakFailure} with the command that replays it. */
export function soak(seed: number): SoakResult {
  const scenario = scenarioOf(seed);
  const network = new Network(scenario);
  network.run();
  const { state } = network.ledger;
  if (state.stage.kind !== 'finished')
    throw new SoakFailure(seed, `the run ended ${state.stage.kind} after ${state.rounds} rounds`);
  for (const [id, follower] of network.followers) {
    if (agreement(follower.state) !== agreement(state))
      throw new SoakFailure(seed, `${id} came to another end than the ledger`);
  }
  return {
    seed,
    scheme: schemeKind(scenario),
    digest: network.digest(),
    steps: network.steps,
    rounds: state.rounds,
    releases: state.version,
  };
}

/** One digest of many seeds. */
export function overall(results: readonly SoakResult[]): string {
  const lines = [...results].sort((a, b) => a.seed - b.seed).map(({ seed, digest }) => `${seed} ${digest}`);
  return hash('sha256', lines.join('\n'), 'hex');
}
