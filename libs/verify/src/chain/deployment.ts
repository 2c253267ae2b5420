import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { compilePolicy, placed, type RunPlan } from '#libs/experiment';
import type { Chain, PolicySource } from '#libs/ports';
import type { Digest } from '#libs/protocol';
import { deploy, type Deployment } from '#libs/simulation';
import type { Manifest } from '#libs/wire';
import { differs, lineOf, requireSame } from '../difference.ts';
import type { Cast } from '../cast.ts';
import type { Replica } from './replica.ts';

/** What is deployed first, in this order. */
const contracts = [
  'the token',
  'the vault',
  'the registry',
  'the settlement',
  'the ledger',
  'the policy',
] as const;
/** The policy's place among them. */
const policyAt = 5;

/**
 * Deploys what the plan says on the fresh chain, with this version's bytecode and the keys that follow from the seed, and
 * compares each transaction with the record: contracts, the run's rules, its budget, purses, bonds and members.
 *
 * @param place Where the manifest says that the ledger is.
 * @param folder What the plan's paths are relative to.
 */
export async function deployAgain(
  plan: RunPlan,
  cast: Cast,
  replica: Replica,
  place: NonNullable<Manifest['ledger']>,
  folder: string,
): Promise<{ readonly deployment: Deployment; readonly notes: readonly string[] }> {
  const policy = await policyOf(plan, folder);
  const chain = policy === null ? withRecordedPolicy(replica) : replica.chain;
  const deployment = await deploy(plan, chain, policy ?? { creationCode: '0x' }, cast.sponsor, cast.actors);
  replica.compareMade((i) => contracts[i] ?? `transaction ${i + 1} of the deployment`);
  requireSame(
    { file: 'manifest.json' },
    'names another ledger than the one that was deployed',
    { chainId: chain.chainId, address: deployment.ledger.addresses.ledger, number: deployment.run },
    place,
  );
  const notes =
    policy === null ? ['the policy is a file that is not here as it was: its code is taken as it is'] : [];
  return { deployment, notes };
}

/** null: a file that is not there, or is another by now. */
async function policyOf(plan: RunPlan, folder: string): Promise<PolicySource | null> {
  const { policy } = plan;
  if (policy.kind === 'product') return { name: policy.name, parameters: policy.parameters };
  const path = placed(plan, folder).policy!;
  if (!existsSync(path) || digestOf(path) !== plan.files[policy.path]) return null;
  return compilePolicy(path, policy.parameters);
}

const digestOf = (path: string): Digest =>
  `0x${createHash('sha256').update(readFileSync(path)).digest('hex')}`;

/** A chain on which the policy is deployed as the record has it, because nobody knows its code. */
function withRecordedPolicy(replica: Replica): Chain {
  const { chain } = replica;
  return {
    chainId: chain.chainId,
    deployLedger: (signer, capWei) => chain.deployLedger(signer, capWei),
    async deployPolicy(signer) {
      replica.compareMade((i) => contracts[i]!);
      const executed = await replica.deployRecorded();
      if (executed.from !== signer.address || executed.created === null)
        throw differs(
          lineOf('transactions.jsonl', policyAt + 1),
          "is not the Sponsor's deployment of a policy",
        );
      return executed.created;
    },
    attach: (ledger) => chain.attach(ledger),
    head: () => chain.head(),
    close: () => chain.close(),
  };
}
