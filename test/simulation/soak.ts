import { wholeShard, loadDataset, type Dataset, type Shard } from '#libs/data';
import { openInProcessChain } from '#libs/evm';
import { type Learner, loadModel, openLearner } from '#libs/learning';
import type { Ledger, LedgerEvent } from '#libs/ports';
import type { ActorId, Event } from '#libs/protocol';
import { layGround, type RunInProgress, runPlan, type RunResult } from '#libs/simulation';
import { checkLedger, checkTokens, checkVerdicts, type Complaints, Patience } from './checkers.ts';
import { scenarioOf } from './scenario.ts';

/** What all soak runs of a process share: they learn the same, from the same data. */
export interface Bench {
  readonly learner: Learner;
  readonly train: Dataset;
  readonly test: Shard;
}

export async function openBench(): Promise<Bench> {
  const { train, test } = await loadDataset('mnist');
  const model = await loadModel('logistic', { shape: train.shape, classes: train.classes });
  return { learner: await openLearner({ model }), train, test: wholeShard(test!) };
}

export interface Soaked {
  readonly result: RunResult;
  readonly complaints: Complaints;
  readonly events: readonly Event[];
}

/** How late a phase may be closed: patience of Validators for Schedulers, twice, two blocks, and a line's latencies. */
const slackMs = 25_000;

/** One run of a seed's scenario, with everything that is wrong with it. */
export async function soak(seed: number, bench: Bench): Promise<Soaked> {
  const plan = await scenarioOf(seed);
  const ground = await layGround(plan, { reuse: bench });
  const patience = new Patience(slackMs);
  const events: Event[] = [];
  let ledger: Ledger | undefined;
  let accounts: ActorId[] = [];
  const chains: { close(): Promise<void> }[] = [];
  try {
    const result = await runPlan(plan, ground, {
      policy: policyOf(plan.policy),
      openChain: async (world) => {
        const chain = await openInProcessChain(world);
        chains.push(chain);
        return {
          chainId: chain.chainId,
          deployLedger: async (sponsor, capWei) => {
            accounts.push(sponsor.address);
            return (ledger = await chain.deployLedger(sponsor, capWei));
          },
          deployPolicy: (signer, policy) => chain.deployPolicy(signer, policy),
          attach: (address) => chain.attach(address),
          head: () => chain.head(),
          stateRoot: () => chain.stateRoot(),
          // It is looked at once more when the run is over.
          close: () => Promise.resolve(),
        };
      },
      observer: {
        started: ({ cast }) => (accounts = [...accounts, ...cast.map(({ id }) => id)]),
        events: (seen, { state, nowMs }: RunInProgress) => {
          events.push(...seen);
          patience.look(state!, nowMs);
        },
      },
    });
    const { economy, trainers, validators } = plan;
    const mintedWei = economy.budgetWei + economy.purseWei * BigInt(trainers.length + validators.length);
    const complaints = [
      ...patience.complaints,
      ...checkLedger(await ledgerEvents(ledger!), plan.protocol.quorum),
      ...checkVerdicts(events),
      ...(await checkTokens({ ledger: ledger!, run: 0n, accounts, mintedWei })),
      ...(result.end === 'stopped' ? ['the run came to no end'] : []),
    ];
    return { result, complaints, events };
  } finally {
    for (const chain of chains) await chain.close();
  }
}

const policyOf = (policy: Awaited<ReturnType<typeof scenarioOf>>['policy']) => {
  if (policy.kind !== 'product') throw new Error('soak runs have policies of the product');
  return { name: policy.name, parameters: policy.parameters };
};

/** Everything that happened on the ledger, from its first block to its newest. */
async function ledgerEvents(ledger: Ledger): Promise<LedgerEvent[]> {
  const events: LedgerEvent[] = [];
  const head = await ledger.head();
  for await (const { block, events: those } of ledger.watch({ fromBlock: 0 })) {
    events.push(...those);
    if (block.number >= head.number) break;
  }
  return events;
}

/** The command that runs a seed again. */
export const replayOf = (seed: number): string => `node bin/run.mjs simulate-soak --seed ${seed}`;
