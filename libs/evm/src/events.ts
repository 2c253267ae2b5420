import type { LedgerAddresses, LedgerEvent, LedgerEventBody } from '#libs/ports';
import type { bondRegistry, rewardVault, runLedger } from './abi/index.ts';
import type { EventOf } from './contract/abi-types.ts';
import { ledgerContract, registryContract, vaultContract } from './contract/contracts.ts';
import { numbersOf, scoresOf, seatOf, tallyOf, verdictOf } from './packing.ts';
import type { Log } from './rpc/node.ts';

type ChainEvent =
  | EventOf<(typeof runLedger)['abi']>
  | EventOf<(typeof bondRegistry)['abi']>
  | EventOf<(typeof rewardVault)['abi']>;

/** What a log says happened; null if it is not the ledger's, or says nothing about runs. */
export function eventOf({ ledger, registry, vault }: LedgerAddresses, log: Log): LedgerEvent | null {
  const event =
    log.address === ledger
      ? ledgerContract.event(log)
      : log.address === registry
        ? registryContract.event(log)
        : log.address === vault
          ? vaultContract.event(log)
          : null;
  if (event === null || event.name === 'EIP712DomainChanged') return null;
  const at = { transaction: log.transaction, logIndex: log.logIndex };
  return { ...bodyOf(event), run: event.args.run, at };
}

type RunEvent = Exclude<ChainEvent, { name: 'EIP712DomainChanged' }>;

/** The event under the name that TypeScript gives it, with what is packed on chain unpacked. */
function bodyOf(event: RunEvent): LedgerEventBody {
  if (event.name === 'LineupAccepted') {
    const { trainers, signers, ...args } = event.args;
    return {
      kind: 'lineupAccepted',
      ...args,
      trainers: numbersOf(trainers),
      signers: numbersOf([BigInt(signers)]),
    };
  }
  if (event.name === 'BallotRevealed') {
    return { kind: 'ballotRevealed', ...event.args, scores: scoresOf(event.args.scores) };
  }
  if (event.name === 'RoundSettled') {
    const { baseTally, modelDigest, verdicts, seats, ...args } = event.args;
    return {
      kind: 'roundSettled',
      ...args,
      baseTally: tallyOf(baseTally),
      modelDigest: BigInt(modelDigest) === 0n ? null : modelDigest,
      verdicts: verdicts.map(verdictOf),
      seats: seats.map(seatOf),
    };
  }
  if (event.name === 'EquivocationProven') {
    const { kind: statement, number, ...args } = event.args;
    return { kind: 'equivocationProven', ...args, statement, number: Number(number) };
  }
  return renamed(event);
}

/** Most events have the same fields here as there, which the compiler checks against the ABI. */
type Renamed<E extends RunEvent> = E extends unknown
  ? { readonly kind: Uncapitalize<E['name']> } & E['args']
  : never;

const renamed = <E extends RunEvent>({ name, args }: E): Renamed<E> =>
  ({ kind: name.charAt(0).toLowerCase() + name.slice(1), ...args }) as Renamed<E>;
