import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report, Verification } from '#libs/verify';
import { toJson } from '../verify/to-json.ts';
import { toText } from '../verify/to-text.ts';
import { verifyCommand } from './verify.ts';

// Real folders, true and forged: test/integration/verify.spec.ts.

const stateRoot = `0x${'5a'.repeat(32)}` as const;
const wei = 10n ** 18n;
const report: Report = {
  path: 'runs/quickstart-1-1',
  run: { name: 'quickstart', seed: '1', digest: `0x${'29'.repeat(32)}` },
  counts: {
    transactions: 1069,
    statements: 72,
    inputs: 158,
    events: 126,
    ballots: 9,
    rounds: 3,
    blobs: 24,
    merges: { recomputed: 2, missing: 1 },
    retested: null,
    live: null,
  },
  stateRoot,
  money: {
    mintedWei: 1030n * wei,
    pursesWei: 500n * wei,
    bondsWei: 499n * wei,
    creditsWei: 30n * wei,
    budgetWei: wei,
  },
  notes: ['the policy is a file that is not here as it was: its code is taken as it is'],
  seconds: 3.21,
};
const verified: Verification = { kind: 'verified', ...report };
const differs: Verification = {
  kind: 'differs',
  ...report,
  difference: {
    file: 'inputs.jsonl',
    line: 31,
    problem: 'is not what the ledger says',
    field: 'bondWei',
    expected: 5n * wei,
    found: 6n * wei,
  },
};

// Colours are for terminals.
const plain = (text: string) => text.replaceAll(/\u001b\[\d+m/g, '');

describe('for people', () => {
  test('what was checked, against what', () => {
    expect(plain(toText(verified))).toMatchInlineSnapshot(`
      "verified  runs/quickstart-1-1 (quickstart, seed 1)

        transactions      1,069  executed once more, with this version's contracts
        statements           72  signed by members of the run, for it
        inputs              158  said by the ledger or a statement, or worked out once more
        events              126  what the protocol makes of the inputs
        ballots               9  what their Validators had committed to
        rounds                3  verdicts, instants, gas
        blobs                24  what their names say
        merges           2 of 3  merged once more, to the model that was released
        tokens        1,030.000  to the wei: purses 500.000, bonds 499.000, rewards 30.000, budget 1.000

      state root 0x5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a
      in 3.2 s
      note  the policy is a file that is not here as it was: its code is taken as it is
      docs/verify.md says what is checked, and what cannot be.
      "
    `);
  });

  test('the first difference, and how far it went', () => {
    expect(plain(toText(differs))).toMatchInlineSnapshot(`
      "not verified  runs/quickstart-1-1 (quickstart, seed 1)

        inputs.jsonl:31 is not what the ledger says: bondWei is "6000000000000000000", and should be "5000000000000000000"

      Before that were as they should be: 1,069 transactions, 72 statements, 158 inputs, 126 events.
      note  the policy is a file that is not here as it was: its code is taken as it is
      docs/verify.md says what is checked, and what cannot be.
      "
    `);
  });

  test('what was asked for besides', () => {
    const more = { ...report, counts: { ...report.counts, retested: 3, live: 57 } };
    const text = plain(toText({ kind: 'verified', ...more }));
    expect(text).toMatch(/^ {2}tests +3 {2}done once more/m);
    expect(text).toMatch(/^ {2}live chain +57 {2}events/m);
  });
});

test('for machines: one object, with amounts as text', () => {
  expect(JSON.parse(toJson(verified))).toMatchObject({ verified: true, stateRoot, counts: report.counts });
  expect(JSON.parse(toJson(differs))).toMatchObject({
    verified: false,
    difference: { file: 'inputs.jsonl', line: 31, expected: '5000000000000000000' },
    sentence:
      'inputs.jsonl:31 is not what the ledger says: bondWei is "6000000000000000000", and should be "5000000000000000000"',
  });
});

describe('flobc verify', () => {
  let empty: string;
  beforeAll(async () => {
    empty = await mkdtemp(join(tmpdir(), 'flobc-verify-'));
  });
  afterAll(() => rm(empty, { recursive: true }));

  test('a folder without a run is a fault that says so', async () => {
    const output = { write: () => undefined };
    const command = verifyCommand(output, output, () => undefined).exitOverride();
    await expect(command.parseAsync([empty], { from: 'user' })).rejects.toMatchObject({
      code: 'RUN_FOLDER_INVALID',
      message: expect.stringContaining('this is no run folder') as string,
    });
  });
});
