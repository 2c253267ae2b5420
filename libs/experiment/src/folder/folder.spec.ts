import { createHash } from 'node:crypto';
import {
  existsSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRunFile } from '../run-file/load.ts';
import {
  ballotOf,
  eventOf,
  inFolder,
  manifestOf,
  roundOf,
  statementOf,
  summaryOf,
  transactionOf,
  writeRound,
} from './folder.fixture.ts';
import { growing } from './layout.ts';
import { readRunFolder } from './reader.ts';
import { nextRunFolder, openRunFolder, type RunFolderWriter } from './writer.ts';

const { plan } = await parseRunFile('name: test', { file: 'test.yaml', folder: '.' });
const other = await parseRunFile('name: other', { file: 'test.yaml', folder: '.' });
const manifest = manifestOf(plan);

const faultOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (fault) {
    return fault;
  }
};

function written(path: string, rounds = 3, end?: (folder: RunFolderWriter) => void): void {
  const folder = openRunFolder(path, manifest);
  for (let n = 0; n < rounds; n++) writeRound(folder, n);
  folder.checkpoint(rounds, { after: rounds - 1 });
  end?.(folder);
  folder.close();
}

describe('a run folder', () => {
  test('is read as it was written', () =>
    inFolder(async (path) => {
      written(path, 3, (folder) => {
        folder.summary(summaryOf('finished'));
      });
      const read = await readRunFolder(path);
      expect(read.manifest).toEqual(manifest);
      expect(read.plan).toEqual(plan);
      const all = [0, 1, 2].flatMap((n) => [10 * n, 10 * n + 1, 10 * n + 2]);
      expect(read.events).toEqual(all.map(eventOf));
      expect(read.transactions).toEqual(all.map(transactionOf));
      expect(read.statements).toEqual(all.map(statementOf));
      expect(read.ballots).toEqual([0, 1, 2].map(ballotOf));
      expect(read.rounds).toEqual([0, 1, 2].map(roundOf));
      expect(read.summary).toMatchObject({ ...summaryOf('finished'), run: manifest.run });
      expect(read.checkpoint).toMatchObject({ round: 3, state: { after: 2 } });
      expect(read.notes).toEqual([]);
    }));

  test('has a table for spreadsheets', () =>
    inFolder((path) => {
      written(path);
      expect(readFileSync(join(path, 'rounds.csv'), 'utf8')).toMatchInlineSnapshot(`
        "round,outcome,from_ms,to_ms,accuracy,loss,accepted,refused,unavailable,gas_used,message_bytes,blob_bytes,seconds
        0,released,0,60000,0,1,5,2,0,400000,12345,4294967296,1.75
        1,released,60000,120000,0.5,0.5,5,2,0,400000,12345,4294967296,1.75
        2,void,120000,180000,,,5,2,0,400000,12345,4294967296,1.75
        "
      `);
    }));

  test('is not written over', () =>
    inFolder((path) => {
      written(path);
      expect(faultOf(() => openRunFolder(path, manifest))).toMatchObject({ code: 'RUN_FOLDER_TAKEN' });
      const file = join(path, 'manifest.json');
      expect(faultOf(() => openRunFolder(file, manifest))).toMatchObject({ code: 'RUN_FOLDER_TAKEN' });
    }));

  test('has the next free name', () =>
    inFolder((path) => {
      const names = [0, 1, 2].map(() => nextRunFolder({ name: 'a', seed: 'x/../y 1' }, path));
      expect(names).toEqual([1, 2, 3].map((n) => join(path, `a-x-..-y-1-${n}`)));
      expect(names.every((name) => readdirSync(name).length === 0)).toBe(true);
    }));

  test('can have nothing in it but a manifest', () =>
    inFolder(async (path) => {
      openRunFolder(path, manifest).close();
      expect(await readRunFolder(path)).toMatchObject({
        events: [],
        transactions: [],
        rounds: [],
        notes: [],
      });
    }));
});

describe('blobs', () => {
  const bytes = Buffer.from('a model');
  const digest = `0x${createHash('sha256').update(bytes).digest('hex')}` as const;

  test('are files by their SHA-256, once each, and can be taken away', () =>
    inFolder(async (path) => {
      const folder = openRunFolder(path, manifest);
      expect(await Promise.all([1, 2, 3].map(() => folder.blob(bytes)))).toEqual([digest, digest, digest]);
      expect(readdirSync(join(path, 'blobs'))).toEqual([digest.slice(2)]);
      const read = await readRunFolder(path);
      expect([...read.blobs]).toEqual([digest]);
      expect(await read.blob(digest)).toEqual(bytes);
      expect(await read.blob(`0x${'1'.repeat(64)}`)).toBeUndefined();
      folder.dropBlob(digest);
      expect((await readRunFolder(path)).blobs.size).toBe(0);
      await folder.blob(bytes);
      expect((await readRunFolder(path)).blobs.size).toBe(1);
      folder.close();
    }));

  test('that were changed are found out when they are read', () =>
    inFolder(async (path) => {
      const folder = openRunFolder(path, manifest);
      await folder.blob(bytes);
      folder.close();
      writeFileSync(join(path, 'blobs', digest.slice(2)), 'another model');
      const read = await readRunFolder(path);
      await expect(read.blob(digest)).rejects.toMatchObject({ code: 'RUN_FOLDER_INVALID' });
    }));
});

describe('a process that was killed', () => {
  test('leaves what was flushed, and at most one line that is cut off', () =>
    inFolder(async (path) => {
      written(path);
      rmSync(join(path, 'checkpoint.json'));
      const whole = await readRunFolder(path);
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...growing),
          fc.double({ min: 0, max: 1, noNaN: true }),
          (name, share) =>
            inFolder(async (copy) => {
              written(copy);
              rmSync(join(copy, 'checkpoint.json'));
              const file = join(copy, name);
              const size = Math.floor(share * statSync(file).size);
              const text = readFileSync(file).subarray(0, size).toString();
              truncateSync(file, size);
              const isCut = text !== '' && !text.endsWith('\n');
              // What rounds.jsonl has lost, rounds.csv may not have.
              if (name === 'rounds.jsonl') truncateSync(join(copy, 'rounds.csv'), 0);
              const read = await readRunFolder(copy);
              expect(read.notes).toHaveLength(isCut ? 1 : 0);
              for (const key of ['events', 'transactions', 'statements', 'ballots', 'rounds'] as const)
                expect(read[key]).toEqual(whole[key].slice(0, read[key].length));
            }),
        ),
        { numRuns: 60 },
      );
    }));

  test('goes on from its last checkpoint: what came after it is taken back', () =>
    inFolder(async (path) => {
      const folder = openRunFolder(path, manifest);
      writeRound(folder, 0);
      folder.checkpoint(1, ['state']);
      // Half of round 1, and then nothing more.
      folder.event(eventOf(99));
      folder.statement(statementOf(99));
      folder.flush();
      folder.close();

      const resumed = openRunFolder(path, manifest, { resume: true });
      expect((await readRunFolder(path)).events).toEqual([0, 1, 2].map(eventOf));
      writeRound(resumed, 1);
      writeRound(resumed, 2);
      resumed.checkpoint(3, null);
      resumed.summary(summaryOf('finished'));
      resumed.close();

      await inFolder((straight) => {
        written(straight, 3);
        for (const name of growing)
          expect(readFileSync(join(path, name), 'utf8')).toBe(readFileSync(join(straight, name), 'utf8'));
      });
    }));

  test('starts anew in its folder where it had no checkpoint', () =>
    inFolder(async (path) => {
      const folder = openRunFolder(path, manifest);
      writeRound(folder, 0);
      folder.close();
      openRunFolder(path, manifest, { resume: true }).close();
      expect(await readRunFolder(path)).toMatchObject({ events: [], rounds: [] });
    }));

  test('cannot be resumed as another run, when it is over, or when lines are missing', async () => {
    const resume = (path: string, as = manifest) => faultOf(() => openRunFolder(path, as, { resume: true }));
    await inFolder((path) => {
      expect(resume(path)).toMatchObject({ code: 'RUN_FOLDER_INVALID' });
    });
    await inFolder((path) => {
      written(path);
      expect(resume(path, manifestOf(other.plan))).toMatchObject({ code: 'RUN_FOLDER_INVALID' });
      truncateSync(join(path, 'events.jsonl'), 10);
      expect(resume(path)).toMatchObject({ code: 'RUN_FOLDER_INVALID' });
    });
    await inFolder((path) => {
      written(path, 1, (folder) => {
        folder.summary(summaryOf('finished'));
      });
      expect(resume(path)).toMatchObject({ code: 'RUN_FOLDER_TAKEN' });
    });
    await inFolder((path) => {
      written(path, 1, (folder) => {
        folder.summary(summaryOf('stopped'));
      });
      openRunFolder(path, manifest, { resume: true }).close();
      expect(existsSync(join(path, 'summary.json'))).toBe(false);
    });
  });
});

describe('a folder that was changed', () => {
  const changes: [string, string, (text: string) => string, string][] = [
    [
      'another configuration',
      'manifest.json',
      (text) => text.replace('"lenet5"', '"mlp-200"'),
      'its configuration is of',
    ],
    [
      'another seed',
      'manifest.json',
      (text) => text.replace('"seed": "1",\n  "engine"', '"seed": "2",\n  "engine"'),
      'has the seed 2',
    ],
    [
      'no configuration',
      'manifest.json',
      (text) => text.replace('"flobc.plan"', '"plan"'),
      'configuration that is none',
    ],
    ['no manifest', 'manifest.json', () => '', 'manifest.json cannot be read'],
    [
      'an event of another kind',
      'events.jsonl',
      (text) => text.replace('pauseAsked', 'pauseasked'),
      'events.jsonl:2 ',
    ],
    ['another header', 'events.jsonl', (text) => text.replace(/0x[0-9a-f]/, '0xz'), 'events.jsonl:1 '],
    [
      'a gas that is no number',
      'transactions.jsonl',
      (text) => text.replace('"21001"', '"21,001"'),
      'transactions.jsonl:2 cannot be read: gasUsed',
    ],
    [
      'keys in another order',
      'statements.jsonl',
      (text) => text.replace('{"atMs":1000,"bytes":"0x9601"}', '{"bytes":"0x9601","atMs":1000}'),
      'statements.jsonl:2 cannot be read: it has another spelling',
    ],
    [
      'a key too many',
      'ballots.jsonl',
      (text) => text.replace('{"round":2', '{"x":1,"round":2'),
      'ballots.jsonl:3 ',
    ],
    [
      'a table that says something else',
      'rounds.csv',
      (text) => text.replace('1.75', '1.25'),
      'rounds.csv:2 is not what rounds.jsonl says',
    ],
    [
      'a line that is no JSON',
      'rounds.jsonl',
      (text) => text.replace('{', ''),
      'rounds.jsonl:1 cannot be read: it is not JSON',
    ],
    [
      'a summary of another run',
      'summary.json',
      (text) => text.replace(/"run": "0x.{4}/, '"run": "0x0000'),
      'summary.json is of the run',
    ],
    [
      'sizes of another file',
      'checkpoint.json',
      (text) => text.replace('"events.jsonl"', '"../x"'),
      'which is no file of a run',
    ],
  ];

  test.each(changes)('%s', (_, name, change, says) =>
    inFolder(async (path) => {
      written(path, 3, (folder) => {
        folder.summary(summaryOf('finished'));
      });
      const file = join(path, name);
      const before = readFileSync(file, 'utf8');
      const after = change(before);
      expect(after).not.toBe(before);
      writeFileSync(file, after);
      await expect(readRunFolder(path)).rejects.toMatchObject({
        code: 'RUN_FOLDER_INVALID',
        message: expect.stringContaining(says) as string,
      });
    }),
  );
});
