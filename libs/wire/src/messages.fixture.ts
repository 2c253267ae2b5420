import fc from 'fast-check';
import type { ActorId, Digest } from '#libs/protocol';
import { type Bodies, type Kind, kinds } from './bodies.ts';
import type { Signature } from './fields.ts';
import { openSigner } from './keys.ts';
import type { Message } from './message.ts';
import type { RunDomain } from './statements.ts';

// Any message of any kind, for properties; its signature is any 64 bytes.

const hex = (bytes: number) =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((value) => `0x${Buffer.from(value).toString('hex')}`);

export const digests = hex(32) as fc.Arbitrary<Digest>;
export const actors = hex(20) as fc.Arbitrary<ActorId>;
export const signatures = hex(64) as fc.Arbitrary<Signature>;
export const keys = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .filter((bytes) => bytes[0] !== 0xff && bytes.some((byte) => byte !== 0));

/** Counts of every length that MessagePack has for them, the bounds among them. */
const counts = fc.oneof(
  fc.constantFrom(0, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 48),
  fc.nat(),
  fc.integer({ min: 0, max: 2 ** 48 }),
);

const slot = { round: counts, attempt: fc.nat(255), parent: digests };
const onlySlot = { round: counts, parent: digests };

export const drafts: { readonly [K in Kind]: fc.Arbitrary<Bodies[K]> } = {
  receipt: fc.record({ sequence: counts, base: counts, sealed: digests, plain: digests, sizeBytes: counts }),
  updateKey: fc.record({ sequence: counts, receipt: digests, key: digests }),
  lineupProposal: fc.record({
    ...slot,
    entries: fc
      .uniqueArray(fc.record({ number: fc.nat(65_535), receipt: digests }), {
        minLength: 1,
        maxLength: 256,
        selector: ({ number }) => number,
      })
      .map((entries) => entries.toSorted((a, b) => a.number - b.number)),
  }),
  lineupSignature: fc.record({ ...slot, lineup: digests }),
  ballot: fc.record({
    round: counts,
    lineup: digests,
    scores: fc.array(fc.integer({ min: -32_768, max: 32_767 }), { minLength: 1, maxLength: 257 }),
    salt: digests,
  }),
  certificateSignature: fc.record({ ...onlySlot, model: digests }),
  release: fc.record({
    version: counts,
    ...onlySlot,
    model: digests,
    signatures: fc
      .uniqueArray(fc.record({ validator: actors, signature: signatures }), {
        minLength: 1,
        maxLength: 32,
        selector: ({ validator }) => validator,
      })
      .map((list) => list.toSorted((a, b) => (a.validator < b.validator ? -1 : 1))),
  }),
  join: fc.record({
    round: counts,
    role: fc.constantFrom('trainer', 'validator'),
    bondWei: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
  }),
  leave: fc.record({ round: counts }),
  checkIn: fc.record({ round: counts }),
};

export const messagesOf = <K extends Kind>(kind: K): fc.Arbitrary<Message<K>> =>
  fc.record({
    kind: fc.constant(kind),
    run: digests,
    sender: actors,
    body: drafts[kind],
    signature: signatures,
  });

export const messages: fc.Arbitrary<Message> = fc.oneof(...kinds.map((kind) => messagesOf(kind)));

export const domains: fc.Arbitrary<RunDomain> = fc.record({
  run: digests,
  chainId: fc.bigInt({ min: 1n, max: 2n ** 64n }),
  ledger: actors,
  number: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
});

export const domain: RunDomain = {
  run: `0x${'a1'.repeat(32)}`,
  chainId: 31_337n,
  ledger: `0x${'1e'.repeat(20)}`,
  number: 7n,
};

export const signer = openSigner(new Uint8Array(32).fill(1));
export const stranger = openSigner(new Uint8Array(32).fill(2));

/** One body of each kind, as an ordinary round has it. */
export const examples: Bodies = {
  receipt: { sequence: 3, base: 2, sealed: digestOf('5e'), plain: digestOf('91'), sizeBytes: 24_310 },
  updateKey: { sequence: 3, receipt: digestOf('4e'), key: digestOf('6b') },
  lineupProposal: {
    round: 4,
    attempt: 0,
    parent: digestOf('c0'),
    entries: Array.from({ length: 10 }, (_, i) => ({ number: i + 1, receipt: digestOf(`${i}e`) })),
  },
  lineupSignature: { round: 4, attempt: 0, parent: digestOf('c0'), lineup: digestOf('11') },
  ballot: { round: 4, lineup: digestOf('11'), scores: [12, -40, 310, -32_768], salt: digestOf('5a') },
  certificateSignature: { round: 4, parent: digestOf('11'), model: digestOf('3d') },
  release: {
    version: 5,
    round: 4,
    parent: digestOf('11'),
    model: digestOf('3d'),
    signatures: ['0a', '0b', '0c'].map((byte) => ({
      validator: `0x${byte.repeat(20)}`,
      signature: `0x${byte.repeat(64)}`,
    })),
  },
  join: { round: 0, role: 'trainer', bondWei: 10n ** 20n },
  leave: { round: 9 },
  checkIn: { round: 6 },
};

function digestOf(byte: string): Digest {
  return `0x${byte.repeat(32)}`;
}
