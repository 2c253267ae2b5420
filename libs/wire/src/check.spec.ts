import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bodies, kinds } from './bodies.ts';
import { openPost, receiptOf } from './check.ts';
import { openSigner, type Signer } from './keys.ts';
import { contentDigest, encodeMessage } from './message.ts';
import { domain, domains, drafts, examples, keys, signer, stranger } from './messages.fixture.ts';
import { subjectOf } from './subject.ts';

const post = openPost(domain);

describe.each(kinds)('%s', (kind) => {
  test('is checked by whoever has the run, once or again', () => {
    fc.assert(
      fc.property(domains, keys, drafts[kind], (there, key, body) => {
        const message = openPost(there).sign(openSigner(key), kind, body);
        const bytes = encodeMessage(message);
        const receiver = openPost(there);
        for (const _ of [1, 2]) {
          expect(receiver.check(bytes, subjectOf(message))).toEqual({ kind: 'checked', message });
        }
      }),
      { numRuns: 30 },
    );
  });
});

test('a receipt end to end', () => {
  const message = post.sign(signer, 'receipt', examples.receipt);
  const checked = post.check(encodeMessage(message), subjectOf(message));
  expect(checked).toEqual({ kind: 'checked', message });
  const digest = contentDigest(message);
  expect(receiptOf(message)).toEqual({ trainer: signer.address, ...examples.receipt, digest });
});

test('a proposal is the signature of its lineup', () => {
  const { round, attempt, parent, entries } = examples.lineupProposal;
  const proposal = post.sign(signer, 'lineupProposal', { round, attempt, parent, entries });
  const lineup = post.lineupOf(proposal.body);
  const signed = post.sign(signer, 'lineupSignature', { round, attempt, parent, lineup });
  expect(signed.signature).toBe(proposal.signature);
});

describe('a certificate', () => {
  const validators = [1, 2, 3].map((byte) => openSigner(new Uint8Array(32).fill(byte)));
  const { round, parent, model } = examples.release;
  const endorse = (by: Signer, of = model) => ({
    validator: by.address,
    signature: post.sign(by, 'certificateSignature', { round, parent, model: of }).signature,
  });
  const release = (signatures: Bodies['release']['signatures']): Bodies['release'] => ({
    ...examples.release,
    signatures: signatures.toSorted((a, b) => (a.validator < b.validator ? -1 : 1)),
  });

  test('is made of the signatures that Validators send, and tells who they are', () => {
    const whole = release(validators.map((one) => endorse(one)));
    const message = post.sign(stranger, 'release', whole);
    const receiver = openPost(domain, 2);
    expect(receiver.check(encodeMessage(message)).kind).toBe('checked');
    for (const _ of [1, 2]) {
      expect(receiver.checkCertificate(message.body)).toEqual({
        kind: 'certified',
        signers: validators.map(({ address }) => address).sort(),
      });
    }
  });

  test('with one signature of another model, round, parent or hand is none', () => {
    const honest = validators.slice(1).map((one) => endorse(one));
    const [first] = validators as [Signer];
    const whole = release([...honest, endorse(first)]);
    const forged = [
      release([...honest, endorse(first, parent)]),
      release([...honest, { ...endorse(stranger), validator: first.address }]),
      { ...whole, round: round + 1 },
      { ...whole, parent: model },
      { ...whole, model: parent },
    ];
    expect(post.checkCertificate(whole).kind).toBe('certified');
    for (const one of forged) expect(post.checkCertificate(one)).toMatchObject({ code: 'SIGNER_DIFFERS' });
    const nobodys = { validator: first.address, signature: `0x${'00'.repeat(64)}` as const };
    expect(post.checkCertificate(release([...honest, nobodys]))).toMatchObject({ code: 'SIGNATURE_INVALID' });
  });
});
