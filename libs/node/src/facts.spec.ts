import { expect, test } from 'vitest';
import type { Change, LedgerEventOf } from '#libs/ports';
import type { Entry, Input, RunState } from '#libs/protocol';
import { BallotBook } from './ballot-book.ts';
import { LedgerFacts } from './facts.ts';
import type { ReceiptBook } from './receipt-book.ts';
import type { MissingLineup } from './run.ts';

const accepted: Omit<LedgerEventOf<'lineupAccepted'>, 'at'> = {
  ...{ kind: 'lineupAccepted', run: 3n, round: 5, proposer: `0x${'11'.repeat(20)}` },
  ...{ lineupHash: `0x${'22'.repeat(32)}`, receiptsRoot: `0x${'33'.repeat(32)}`, trainers: [], signers: [] },
};
const block = { number: 7, hash: `0x${'44'.repeat(32)}`, parent: `0x${'55'.repeat(32)}`, timeSeconds: 10 };
const change = { kind: 'added', block, events: [accepted] } as unknown as Change;

test('a lineup that is not there is waited for, and named each time', async () => {
  const entries: Entry[] = [];
  const inVain: { missing: MissingLineup; times: number }[] = [];
  const receipts = { lineupOf: () => Promise.resolve(inVain.length < 3 ? null : entries) };
  const facts = new LedgerFacts(
    3n,
    receipts as unknown as ReceiptBook,
    new BallotBook(3n),
    (missing, times) => {
      inVain.push({ missing, times });
      return Promise.resolve();
    },
  );
  const inputs: Input[] = [];
  for await (const input of facts.inputsOf(change, () => ({}) as RunState)) inputs.push(input);
  const missing = { round: 5, root: accepted.receiptsRoot };
  expect(inVain).toEqual([1, 2, 3].map((times) => ({ missing, times })));
  expect(inputs.map(({ kind }) => kind)).toEqual(['lineup', 'time']);
});
