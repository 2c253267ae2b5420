import fc from 'fast-check';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configurationDigest, planJson } from '#libs/experiment';
import { sentenceOf } from '#libs/verify';
import { decodeMessage } from '#libs/wire';
import { verifyCommand } from '../../apps/cli/src/commands/verify.ts';
import { type Bench, Copy, openBench, verify, withoutInput } from './verify.fixture.ts';

let bench: Bench;
let honest: string;
beforeAll(async () => {
  bench = await openBench();
  honest = await bench.run('honest');
});
afterAll(() => bench.close());

let copies = 0;
const forged = (of = honest): Copy => new Copy(of, bench.path(`forged-${copies++}`));

/** The sentence of the first difference; fails where there is none. */
async function difference(folder: string): Promise<string> {
  const verification = await verify(folder);
  if (verification.kind !== 'differs') throw new Error(`${folder} verifies`);
  return sentenceOf(verification.difference);
}

describe('a folder as the product writes it', () => {
  test('verifies, with every line, blob, merge and test in it', async () => {
    const copy = forged();
    const lines = (file: string) => copy.lines(file).length;
    const verification = await verify(honest, { retest: true });
    expect(verification).toMatchObject({
      kind: 'verified',
      run: { name: 'verified', seed: '7' },
      notes: [],
      counts: {
        transactions: lines('transactions.jsonl'),
        statements: lines('statements.jsonl'),
        inputs: lines('inputs.jsonl'),
        events: lines('events.jsonl') - 1,
        ballots: 6,
        rounds: 2,
        blobs: readdirSync(join(honest, 'blobs')).length,
        merges: { recomputed: 2, missing: 0 },
        retested: 2,
      },
    });
    const { money, stateRoot } = verification;
    expect(copy.text('summary.json')).toContain(`"stateRoot": "${stateRoot!}"`);
    const { mintedWei, pursesWei, bondsWei, creditsWei, budgetWei } = money!;
    expect(pursesWei + bondsWei + creditsWei + budgetWei).toBe(mintedWei);
  });

  test('is written the same a second time, but for seconds', async () => {
    const again = new Copy(await bench.run('again'), bench.path('again-copy'));
    const first = forged();
    for (const file of ['transactions', 'statements', 'ballots', 'inputs', 'events'])
      expect(again.text(`${file}.jsonl`)).toBe(first.text(`${file}.jsonl`));
  });

  test('without blobs verifies, and says what could not be recomputed', async () => {
    const copy = forged();
    rmSync(join(copy.path, 'blobs'), { recursive: true });
    const verification = await verify(copy.path);
    expect(verification).toMatchObject({
      kind: 'verified',
      counts: { blobs: 0, merges: { recomputed: 0, missing: 2 } },
    });
  });

  test('of a process that was killed verifies as far as it goes', async () => {
    const copy = forged();
    rmSync(join(copy.path, 'summary.json'));
    copy.changeLines('events.jsonl', (line, i) => (i < 50 ? line : null));
    copy.changeLines('ballots.jsonl', (line, i) => (i < 3 ? line : null));
    copy.changeLines('rounds.jsonl', (line, i) => (i < 1 ? line : null));
    copy.changeLines('rounds.csv', (line, i) => (i < 2 ? line : null));
    const verification = await verify(copy.path);
    expect(verification).toMatchObject({ kind: 'verified', counts: { events: 49 } });
    expect(verification.notes).toEqual([expect.stringContaining('was killed')]);
  });
});

describe('flobc verify', () => {
  async function run(folder: string, ...options: string[]): Promise<{ text: string; code: number }> {
    let text = '';
    let code = 0;
    const output = { write: (part: string) => (text += part) };
    const command = verifyCommand(output, output, (given) => (code = given));
    await command
      .exitOverride()
      .parseAsync([folder, '--files', bench.path('.'), ...options], { from: 'user' });
    // Where tests run by themselves, colours are on.
    return { text: stripVTControlCharacters(text), code };
  }

  test('says what was checked, and exits with 0', async () => {
    const { text, code } = await run(honest);
    expect(code).toBe(0);
    expect(text).toMatch(/^verified .*honest \(verified, seed 7\)\n/);
    expect(text).toMatch(/merges +2 of 2 {2}merged once more/);
    expect(text).toMatch(/state root 0x[0-9a-f]{64}\n/);
  });

  test('names the first difference, and exits with 1', async () => {
    const copy = forged().changeLines('events.jsonl', (line, i) => (i === 30 ? null : line));
    const { text, code } = await run(copy.path);
    expect(code).toBe(1);
    expect(text).toMatch(/^not verified/);
    expect(text).toMatch(/\n {2}events\.jsonl:31 is not what the protocol makes of the inputs/);

    const json = JSON.parse((await run(copy.path, '--json')).text) as object;
    expect(json).toMatchObject({
      verified: false,
      difference: { file: 'events.jsonl', line: 31 },
      sentence: expect.stringContaining('events.jsonl:31') as string,
      counts: { events: 29 },
    });
  });

  test('of a folder that holds no run, or a run that nobody vouches for, is a fault', async () => {
    await expect(run(bench.path('.'))).rejects.toMatchObject({ code: 'RUN_FOLDER_INVALID' });
    const hosted = forged().change('manifest.json', (text) =>
      text.replace('"engine": "sim"', '"engine": "hosted"'),
    );
    await expect(run(hosted.path)).rejects.toMatchObject({ code: 'RUN_UNVERIFIABLE' });
  });
});

/** Another digit in the place of the first one after a mark. */
const afterMark = (text: string, mark: string): string => {
  const at = text.indexOf(mark) + mark.length;
  const digit = text.slice(at).search(/\d/) + at;
  return `${text.slice(0, digit)}${(Number(text[digit]) + 1) % 10}${text.slice(digit + 1)}`;
};

/** The last line that holds a text, changed. */
const inLast = (copy: Copy, file: string, mark: string): Copy => {
  const at = copy.lines(file).findLastIndex((line) => line.includes(mark));
  return copy.changeLines(file, (line, i) => (i === at ? afterMark(line, mark) : line));
};

describe('one byte more or less, and the line is named', () => {
  test.each([
    ['ballots.jsonl', '"scores":[', /^ballots\.jsonl:6 .*revealed: scores\.0 is/],
    ['events.jsonl', '"trust":', /^events\.jsonl:\d+ is not what the protocol makes.*trusts\.0\.trust is/],
    [
      'inputs.jsonl',
      '"weight":',
      /^inputs\.jsonl:\d+ is not what the ledger says: outcome\.verdicts\.0\.weight/,
    ],
    ['transactions.jsonl', '"gasUsed":"', /^transactions\.jsonl:47 has another result: gasUsed is/],
    [
      'transactions.jsonl',
      '"raw":"0x02f8eb827a69',
      /^transactions\.jsonl:\d+ (cannot be executed|has another result)/,
    ],
    ['statements.jsonl', '"bytes":"0x9601', /^statements\.jsonl:32 is no statement of this run: /],
    ['statements.jsonl', '"atMs":17672256', /^(statements|inputs)\.jsonl/],
  ])('%s: %s', async (file, mark, sentence) => {
    const copy = forged();
    expect(copy.text(file).includes(mark)).toBe(true);
    expect(await difference(inLast(copy, file, mark).path)).toMatch(sentence);
  });

  test('a round, in both files that hold it', async () => {
    const copy = inLast(forged(), 'rounds.jsonl', '"accepted":');
    expect(await difference(copy.path)).toMatch(/^rounds\.csv:3 is not what rounds\.jsonl says/);
    const { verdicts } = JSON.parse(copy.lines('rounds.jsonl')[1]!) as { verdicts: { accepted: number } };
    const column = copy.lines('rounds.csv')[0]!.split(',').indexOf('accepted');
    copy.changeLines('rounds.csv', (line, i) =>
      i === 2 ? line.split(',').with(column, String(verdicts.accepted)).join(',') : line,
    );
    expect(await difference(copy.path)).toMatch(
      /^rounds\.jsonl:2 \(round 1\) is not the round of the events/,
    );
  });

  test.each([
    ['"rewardWei": "', /other actors than the run: 0\.rewardWei/],
    ['"stateRoot": "0x', /another end than the chain: stateRoot/],
    ['"accuracy": 0.', /last\.accuracy/],
    ['"gasUsed": "', /gasUsed/],
  ])('summary.json: %s', async (mark, sentence) => {
    const copy = forged().change('summary.json', (text) => afterMark(text, mark));
    expect(await difference(copy.path)).toMatch(sentence);
  });

  test('a blob', async () => {
    const copy = forged();
    const [name] = readdirSync(join(copy.path, 'blobs'));
    const file = `blobs/${name!}`;
    copy.flip(file, statSync(join(copy.path, file)).size - 1, 0);
    expect(await difference(copy.path)).toMatch(new RegExp(`^${file} is not what its name says`));
  });
});

describe('forged with care', () => {
  test('everything signed with other keys: the cast follows from the seed', async () => {
    const folder = await bench.run('other-keys', 'another seed');
    expect(await difference(folder)).toMatch(/^transactions\.jsonl:1 is not the token that the plan/);
  });

  test('two ballots swapped wherever they are', async () => {
    const copy = forged();
    const [a, b] = copy.lines('ballots.jsonl').map((line) => JSON.parse(line) as Ballot) as [Ballot, Ballot];
    const swapped = new Map([
      [a.validator, b],
      [b.validator, a],
    ]);
    copy.changeLines('ballots.jsonl', (line, i) => {
      const ballot = JSON.parse(line) as Ballot;
      const other = swapped.get(ballot.validator)!;
      return i < 2 ? JSON.stringify({ ...ballot, scores: other.scores, salt: other.salt }) : line;
    });
    for (const file of ['inputs.jsonl', 'events.jsonl'])
      copy.changeLines(file, (line) => {
        const found = /"kind":"(?:reveal|ballotRevealed)","round":0,"validator":"(0x\w+)"/.exec(line);
        const other = found && swapped.get(found[1]!);
        return other ? line.replace(/"scores":\[[^\]]*\]/, `"scores":${JSON.stringify(other.scores)}`) : line;
      });
    expect(await difference(copy.path)).toMatch(/^inputs\.jsonl:\d+ is not the ballot that was shown/);
  });

  test('two ballots in the other order', async () => {
    const copy = forged();
    for (const [file, mark] of [
      ['inputs.jsonl', '"kind":"reveal","round":0'],
      ['events.jsonl', '"kind":"ballotRevealed","round":0'],
      ['ballots.jsonl', '{"round":0'],
    ] as const) {
      const lines = copy.lines(file);
      const at = lines.findIndex((line) => line.includes(mark));
      copy.changeLines(file, (line, i) => (i === at ? lines[at + 1]! : i === at + 1 ? lines[at]! : line));
    }
    expect(await difference(copy.path)).toMatch(
      /^inputs\.jsonl:\d+ comes before the ballot of 0x\w+, which was heard/,
    );
  });

  test.each([
    [
      '"kind":"certificateSignature","round":1',
      '"kind":"certificateSigned","round":1',
      /comes before statements\.jsonl:\d+, which was heard at/,
    ],
    ['"kind":"commit","round":1', '"kind":"ballotCommitted","round":1', /is not what the ledger says/],
    ['"kind":"receipt"', '"kind":"receiptAccepted"', /statements\.jsonl:\d+, which was heard at/],
    [
      '"kind":"reveal","round":1',
      '"kind":"ballotRevealed","round":1',
      /comes before the ballot of 0x\w+, and all ballots count at once/,
    ],
  ])('an input taken away with its event: %s', async (input, event, sentence) => {
    const copy = forged();
    for (const [file, mark] of [
      ['inputs.jsonl', input],
      ['events.jsonl', event],
    ] as const) {
      const at = copy.lines(file).findLastIndex((line) => line.replace(/"atMs":\d+,/, '').includes(mark));
      expect(at).toBeGreaterThan(0);
      copy.changeLines(file, (line, i) => (i === at ? null : line));
    }
    expect(await difference(copy.path)).toMatch(sentence);
  });

  test('trust made more in events, inputs and summary', async () => {
    const copy = forged();
    const of = (text: string) => /"trusts":\[\{"trainer":"0x\w+","trust":(\d+)\}/.exec(text)![1]!;
    const last = copy.lines('events.jsonl').findLast((line) => line.includes('"kind":"roundSettled"'))!;
    const trust = of(last);
    const more = (text: string) => text.replaceAll(`"trust":${trust}`, '"trust":999999999');
    copy.change('events.jsonl', more);
    copy.change('summary.json', (text) => text.replaceAll(`"trust": ${trust}`, '"trust": 999999999'));
    expect(await difference(copy.path)).toMatch(/^events\.jsonl:\d+ .*trust is 999999999, and should be/);
    copy.change('inputs.jsonl', more);
    expect(await difference(copy.path)).toMatch(
      /^inputs\.jsonl:\d+ is not what the contract says.*trust is 999999999/,
    );
  });

  test('another configuration, its digest put wherever the old one was', async () => {
    const copy = forged();
    const { learning } = bench.plan;
    const plan = { ...bench.plan, learning: { ...learning, hyper: { ...learning.hyper, batchSize: 33 } } };
    const [from, to] = [configurationDigest(bench.plan).slice(2), configurationDigest(plan).slice(2)];
    copy.change('manifest.json', (text) => {
      const manifest = JSON.parse(text) as object;
      return `${JSON.stringify({ ...manifest, configuration: planJson(plan) }, null, 2)}\n`;
    });
    for (const file of readdirSync(copy.path).filter((name) => name.includes('.')))
      copy.change(file, (text) => text.replaceAll(from, to));
    expect(await difference(copy.path)).toMatch(
      /^transactions\.jsonl:7 is not transaction 7 of the deployment/,
    );
  });

  test('a run that ends a round earlier', async () => {
    const copy = forged();
    const cut = copy
      .lines('inputs.jsonl')
      .findIndex((line) => line.includes('"kind":"open"') && line.includes('"round":1'));
    copy.changeLines('inputs.jsonl', (line, i) => (i < cut ? line : null));
    const events = copy.lines('events.jsonl').findIndex((line) => line.includes('roundOpened","round":1'));
    copy.changeLines('events.jsonl', (line, i) => (i < events ? line : null));
    copy.changeLines('ballots.jsonl', (line, i) => (i < 3 ? line : null));
    expect(await difference(copy.path)).toMatch(/^inputs\.jsonl comes before statements\.jsonl:\d+/);
  });
});

interface Ballot {
  readonly round: number;
  readonly validator: string;
  readonly scores: readonly number[];
  readonly salt: string;
}

const flips = Number(process.env.FLOBC_VERIFY_FLIPS ?? 16);

describe('any input', () => {
  test('taken away, and all events made anew by the protocol, is missed', async () => {
    const inputs = forged().lines('inputs.jsonl').length;
    await fc.assert(
      fc.asyncProperty(fc.nat(inputs - 1), async (missing) => {
        const copy = forged();
        await withoutInput(copy, bench, missing);
        const { kind } = await verify(copy.path);
        rmSync(copy.path, { recursive: true });
        expect(kind, `without line ${missing + 1}`).toBe('differs');
      }),
      { numRuns: Math.ceil(flips / 4), endOnFailure: true },
    );
  });
});

describe('any byte in any file', () => {
  test('changed is a difference, or one of those that docs/verify.md lists as not checked', async () => {
    const copy = forged();
    // All blobs together as often as one file: each takes a whole replay.
    const files = readdirSync(copy.path).filter((name) => name !== 'blobs');
    const blobs = readdirSync(join(copy.path, 'blobs'));
    const flip = fc.record({ which: fc.nat(), at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(flip, async ({ which, at, by }) => {
        const file = files[which % (files.length + 1)] ?? `blobs/${blobs[at % blobs.length]!}`;
        const offset = at % copy.bytes(file).length;
        if (isUnchecked(copy, file, offset)) return;
        const changed = forged();
        changed.flip(file, offset, (changed.bytes(file)[offset]! + by) % 256);
        const { kind } = await verify(changed.path).catch(() => ({ kind: 'fault' }));
        rmSync(changed.path, { recursive: true });
        expect(kind, `${file}, byte ${offset} more by ${by}`).not.toBe('verified');
      }),
      { numRuns: flips, endOnFailure: true },
    );
  });
});

/** What nobody can check: docs/verify.md, "What is not checked". */
function isUnchecked(copy: Copy, file: string, offset: number): boolean {
  if (file.startsWith('blobs/')) return false;
  const text = copy.bytes(file).toString('latin1');
  const within = (pattern: RegExp) =>
    [...text.matchAll(pattern)].some(
      ({ index, 0: found }) => offset >= index && offset < index + found.length,
    );
  switch (file) {
    case 'manifest.json':
      return within(/"keep": \{[^}]*\}|"(?:learning|software)": \{\s+"(?:backend|flobc)": [^}]*\}/g);
    case 'rounds.jsonl':
      return within(/"seconds":\{[^}]*\}/g);
    case 'summary.json':
      return within(/"(?:seconds|virtualMs)": [\d.]+/g);
    case 'statements.jsonl': {
      const line = text.slice(0, offset).split('\n').length - 1;
      const { bytes } = JSON.parse(copy.lines(file)[line]!) as { bytes: string };
      const decoded = decodeMessage(Buffer.from(bytes.slice(2), 'hex'));
      const isInput =
        decoded.kind === 'decoded' && !/^(?:updateKey|ballot|release)$/.test(decoded.message.kind);
      return !isInput && within(/"atMs":\d+/g);
    }
    default:
      return false;
  }
}
