import { createHash } from 'node:crypto';
import type { ActorId, Digest, Receipt } from '#libs/protocol';
import type { Bodies, Kind } from './bodies.ts';
import { encodeLineup, lineupDigest } from './digests.ts';
import type { Signature } from './fields.ts';
import { addressOf, type PublicKey, recover, type Signer } from './keys.ts';
import { contentDigest, decodeMessage, type Draft, type Message } from './message.ts';
import { Recent } from './recent.ts';
import { type Refusal, refused } from './refusal.ts';
import { openDigests, type RunDomain, certificateStatement, structOf } from './statements.ts';
import { parseSubject } from './subject.ts';

/** A message that its sender has signed for this run: bit for bit. */
export interface Checked {
  readonly kind: 'checked';
  readonly message: Message;
}

/** Validators who have signed the same model. Whether they are a quorum is the protocol's to say. */
export interface Certified {
  readonly kind: 'certified';
  readonly signers: readonly ActorId[];
}

/** Signs and checks the messages of one run. */
export interface Post {
  sign<K extends Kind>(signer: Signer, kind: K, body: Bodies[K]): Message<K>;
  /**
   * The message in bytes that anybody may have sent, if it is a message, of this run, of the subject it came under, and
   * signed by its sender. Never throws.
   */
  check(bytes: Uint8Array, subject?: string): Checked | Refusal;
  /** Digest of a proposed lineup, as the ledger will compute it. */
  lineupOf(proposal: Pick<Bodies['lineupProposal'], 'round' | 'entries'>): Digest;
  /** Who has signed a released model, if all of the signatures are what they say. */
  checkCertificate(release: Bodies['release']): Certified | Refusal;
}

/** Checks and keys that a node remembers: a few rounds of the largest lineup with its committee. */
const defaultCapacity = 4096;

/**
 * @param capacity Messages to remember that have passed, because a network delivers at least once and several nodes may share a
 * post; and as many signers' keys, because an address is one more Keccak away from them.
 */
export function openPost(domain: RunDomain, capacity: number = defaultCapacity): Post {
  const digestOf = openDigests(domain);
  const messages = new Recent<string, Message>(capacity);
  const certified = new Recent<string, true>(capacity);
  const keys = new Recent<ActorId, PublicKey>(capacity);

  /** Refuses, unless `signer` has signed the digest. */
  function requireSigned(digest: Digest, signature: Signature, signer: ActorId): Refusal | undefined {
    const key = recover(digest, signature);
    if (key === null) {
      return refused('SIGNATURE_INVALID', `nobody can have made the signature of ${signer}`, { signer });
    }
    const remembered = keys.get(signer);
    if (remembered !== undefined && Buffer.from(remembered).equals(key)) return undefined;
    if (addressOf(key) !== signer) {
      return refused('SIGNER_DIFFERS', `the signature is not that of ${signer}`, { signer });
    }
    keys.set(signer, key);
    return undefined;
  }

  return {
    sign<K extends Kind>(signer: Signer, kind: K, body: Bodies[K]) {
      const draft = { kind, run: domain.run, sender: signer.address, body } as Draft;
      return { ...draft, signature: signer.sign(digestOf(structOf(domain, draft))) } as Message<K>;
    },

    check(bytes, subject) {
      const name = sha256(bytes);
      const known = messages.get(name);
      const decoded =
        known === undefined ? decodeMessage(bytes) : { kind: 'decoded' as const, message: known };
      if (decoded.kind === 'refused') return decoded;
      const { message } = decoded;
      if (message.run !== domain.run) {
        return refused('RUN_DIFFERS', `the ${message.kind} is of run ${message.run}`, { run: message.run });
      }
      const refusal =
        (subject === undefined ? undefined : requireSubject(subject, message)) ??
        (known === undefined
          ? requireSigned(digestOf(structOf(domain, message)), message.signature, message.sender)
          : undefined);
      if (refusal !== undefined) return refusal;
      messages.set(name, message);
      return { kind: 'checked', message };
    },

    lineupOf: ({ round, entries }) => lineupDigest(domain.number, round, encodeLineup(entries)),

    checkCertificate(release) {
      const digest = digestOf(certificateStatement(domain.number, release));
      for (const { validator, signature } of release.signatures) {
        const name = `${digest}${signature}${validator}`;
        if (certified.get(name) === true) continue;
        const refusal = requireSigned(digest, signature, validator);
        if (refusal !== undefined) return refusal;
        certified.set(name, true);
      }
      return { kind: 'certified', signers: release.signatures.map(({ validator }) => validator) };
    },
  };
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64');

/** A message under another subject than its own would reach those who did not ask for it, or count for somebody else. */
function requireSubject(subject: string, message: Message): Refusal | undefined {
  const parsed = parseSubject(subject);
  if (parsed.kind === 'refused') return parsed;
  const { run, kind, sender } = parsed.of;
  if (run === message.run && kind === message.kind && sender === message.sender) return undefined;
  return refused('SUBJECT_DIFFERS', `the ${message.kind} of ${message.sender} came under another's subject`, {
    kind: message.kind,
    sender: message.sender,
  });
}

/** Every node that shares a post is given the same messages. */
const receipts = new WeakMap<Draft<'receipt'>, Receipt>();

/** A receipt as the protocol knows it: identified by the digest of the message. */
export function receiptOf(message: Draft<'receipt'>): Receipt {
  const receipt = receipts.get(message) ?? {
    trainer: message.sender,
    ...message.body,
    digest: contentDigest(message),
  };
  receipts.set(message, receipt);
  return receipt;
}
