import { configurationDigest, type RunPlan } from '#libs/experiment';
import { Fault } from '#libs/fault';
import type { Run } from '#libs/node';
import type { Chain, Ledger } from '#libs/ports';
import { protocolConfigOf } from '#libs/simulation';

/**
 * A run that is on the ledger, as everybody in it knows it.
 *
 * @throws Fault RUN_UNKNOWN if there is no such run, RUN_CONFIGURATION_DIFFERS if it was created from another configuration
 */
export async function findRun(
  chain: Pick<Chain, 'chainId'>,
  ledger: Ledger,
  number: bigint,
  plan: RunPlan,
): Promise<Run> {
  const known = await ledger.run(number);
  if (known === null) throw unknown(ledger, number);
  const digest = configurationDigest(plan);
  if (known.config.configurationDigest !== digest)
    throw differs(number, known.config.configurationDigest, digest);
  const { initialTrust, createdMs } = await creation(ledger, number);
  const domain = { run: digest, chainId: chain.chainId, ledger: ledger.addresses.ledger, number };
  return { config: protocolConfigOf(plan, initialTrust), domain, createdMs };
}

/** What only the event of its creation says: the ledger itself has no use for it later. */
async function creation(
  ledger: Ledger,
  number: bigint,
): Promise<{ initialTrust: number; createdMs: number }> {
  for await (const { kind, block, events } of ledger.watch({})) {
    if (kind === 'removed') continue;
    const created = events.find((event) => event.kind === 'runCreated' && event.run === number);
    if (created?.kind === 'runCreated')
      return { initialTrust: created.initialTrust, createdMs: block.timeSeconds * 1000 };
  }
  throw unknown(ledger, number);
}

const unknown = ({ addresses }: Ledger, number: bigint): Fault =>
  new Fault('RUN_UNKNOWN', `The ledger at ${addresses.ledger} has no run ${number}.`, {
    facts: { ledger: addresses.ledger, run: number },
    hint: 'Check the address of the ledger, the number of the run and the RPC URL with whoever created the run.',
  });

const differs = (number: bigint, onLedger: string, ours: string): Fault =>
  new Fault(
    'RUN_CONFIGURATION_DIFFERS',
    `Run ${number} was created from another configuration than this one.`,
    {
      facts: { run: number, onLedger, ours },
      hint: 'Use the run file (and the model and policy files) that the run was created from; `flobc explain` prints its digest.',
    },
  );
