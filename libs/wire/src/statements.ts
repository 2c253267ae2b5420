import type { ActorId, Digest } from '#libs/protocol';
import type { Bodies } from './bodies.ts';
import { encodeLineup, lineupDigest } from './digests.ts';
import { contentDigest, type Draft } from './message.ts';
import {
  domainOf,
  domainSeparator,
  type Struct,
  struct,
  typedDataDigest,
  type ValuesOf,
} from './typed-data.ts';

/** Which run a message is signed for: its configuration's digest, and where its money is. */
export interface RunDomain {
  /** Digest of the configuration; names the run in messages and subjects. */
  readonly run: Digest;
  readonly chainId: bigint;
  readonly ledger: ActorId;
  /** The run's number on the ledger. */
  readonly number: bigint;
}

/** `StatementKind` of the contracts. */
export const statementKinds = { receipt: 0, lineup: 1, certificate: 2 } as const;

/** What the ledger can be shown: two of one signer that differ only in their content are equivocation. */
const statement = struct('Statement', {
  kind: 'uint8',
  run: 'uint256',
  number: 'uint64',
  attempt: 'uint8',
  parent: 'bytes32',
  content: 'bytes32',
});

// Membership is decided by transactions; these tell it to the others, and are types of their own, so that a wallet shows
// an operator what it signs.
const join = struct('Join', { run: 'uint256', round: 'uint64', role: 'string', bondWei: 'uint256' });
const leave = struct('Leave', { run: 'uint256', round: 'uint64' });
const checkIn = struct('CheckIn', { run: 'uint256', round: 'uint64' });

/** Whatever else a node says: nothing that the ledger would ever be shown. */
const said = struct('Message', { run: 'uint256', content: 'bytes32' });

export const structs = { statement, join, leave, checkIn, said } as const;

/** A struct and the values that are signed in it. */
export interface TypedStruct {
  readonly struct: Struct;
  readonly values: ValuesOf<Struct['fields']>;
}

const filled = <F extends Struct['fields']>(struct: Struct<F>, values: ValuesOf<F>): TypedStruct => ({
  struct,
  values,
});

/** Where a statement of a lineup has its slot, in the fields that messages have. */
interface Slot {
  readonly round: number;
  readonly attempt: number;
  readonly parent: Digest;
}

const noParent: Digest = `0x${'00'.repeat(32)}`;

/** The struct that a message's sender signs. Together with the run and the sender it holds every bit of the message. */
export function structOf({ number: run }: RunDomain, message: Draft): TypedStruct {
  switch (message.kind) {
    case 'receipt':
      return filled(statement, {
        kind: statementKinds.receipt,
        run,
        number: message.body.sequence,
        attempt: 0,
        parent: noParent,
        content: contentDigest(message),
      });
    case 'lineupProposal': {
      const { round, entries } = message.body;
      return lineupStatement(run, message.body, lineupDigest(run, round, encodeLineup(entries)));
    }
    case 'lineupSignature':
      return lineupStatement(run, message.body, message.body.lineup);
    case 'certificateSignature':
      return certificateStatement(run, message.body);
    case 'join':
      return filled(join, { run, ...message.body });
    case 'leave':
      return filled(leave, { run, ...message.body });
    case 'checkIn':
      return filled(checkIn, { run, ...message.body });
    case 'updateKey':
    case 'ballot':
    case 'release':
      return filled(said, { run, content: contentDigest(message) });
  }
}

/** A Validator's statement of a lineup's digest. */
function lineupStatement(run: bigint, { round, attempt, parent }: Slot, content: Digest): TypedStruct {
  return filled(statement, { kind: statementKinds.lineup, run, number: round, attempt, parent, content });
}

/** A Validator's statement of a merged model's digest. Its attempt is always 0; the ledger takes no other. */
export function certificateStatement(
  run: bigint,
  { round, parent, model: content }: Pick<Bodies['certificateSignature'], 'round' | 'parent' | 'model'>,
): TypedStruct {
  const kind = statementKinds.certificate;
  return filled(statement, { kind, run, number: round, attempt: 0, parent, content });
}

/** Makes the digests that are signed, EIP-712, for one run; its domain is hashed once. */
export function openDigests({ chainId, ledger }: RunDomain): (signed: TypedStruct) => Digest {
  const separator = domainSeparator(chainId, ledger);
  return ({ struct, values }) => typedDataDigest(separator, struct.hash(values));
}

/** What a message's sender signs as any EIP-712 library takes it: for wallets that sign in a node's place. */
export function typedData(domain: RunDomain, draft: Draft) {
  const { struct, values } = structOf(domain, draft);
  const types = Object.entries(struct.fields).map(([name, type]) => ({ name, type }));
  return { domain: domainOf(domain.chainId, domain.ledger), types: { [struct.name]: types }, values };
}
