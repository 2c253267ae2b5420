import { expect, test } from 'vitest';
import { openSigner } from '#libs/wire';
import { TrainerNode, type TrainerOptions } from './trainer-node.ts';

test('a Trainer that cannot read what it has sent does not start: it might say something else under the same number', () => {
  const options = {
    signer: openSigner(new Uint8Array(32).fill(1)),
    journal: { get: () => new Uint8Array([1, 2, 3]), put: () => Promise.resolve() },
  };
  const node = new TrainerNode(options as unknown as TrainerOptions);
  expect(() => {
    node.start();
  }).toThrow(/the journal holds no message/);
});
