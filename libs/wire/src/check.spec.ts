import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kinds } from './bodies.ts';
import { openPost, receiptOf } from './check.ts';
import { openSigner } from './keys.ts';
import { encodeMessage } from './message.ts';
import { domain, domains, drafts, examples, keys, signer } from './messages.fixture.ts';
import { subjectOf } from './subject.ts';

const post = openPost(domain);

describe.each(kinds)('%s', (kind) => {
  test('is checked by whoever has the run, and only with the signature of its sender', () => {
    fc.assert(
      fc.property(domains, keys, drafts[kind], (there, key, body) => {
        const message = openPost(there).sign(openSigner(key), kind, body);
        const bytes = encodeMessage(message);
        expect(openPost(there).check(bytes, subjectOf(message))).toEqual({ kind: 'checked', message });
      }),
      { numRuns: 50 },
    );
  });
});

test('a receipt end to end', () => {
  const message = post.sign(signer, 'receipt', examples.receipt);
  const checked = post.check(encodeMessage(message), subjectOf(message));
  expect(checked).toEqual({ kind: 'checked', message });
  expect(receiptOf(message)).toMatchObject({ trainer: signer.address, ...examples.receipt });
});
