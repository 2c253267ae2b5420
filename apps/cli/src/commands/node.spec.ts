import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeCommand } from './node.ts';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flobc-node-'));
  for (const name of ['plan.json', 'key']) writeFileSync(join(folder, name), 'c0ffee');
  file = join(folder, 'node.yaml');
  writeFileSync(
    file,
    `role: scheduler
folder: state
run: { plan: plan.json, ledger: '0x${'ab'.repeat(20)}', number: 0 }
chain: { url: http://127.0.0.1:8545 }
nats: { servers: [127.0.0.1:4222] }
redis: { url: redis://127.0.0.1:6379, password: hunter2 }
key: { localFile: key }
`,
  );
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function run(
  ...args: readonly string[]
): Promise<{ out: string; err: string; code: number | undefined }> {
  const written = { out: '', err: '' };
  let code: number | undefined;
  await nodeCommand({
    output: { write: (text) => (written.out += text) },
    side: { write: (text) => (written.err += text) },
    setExitCode: (given) => (code = given),
  }).parseAsync([...args, '--config', file], { from: 'user' });
  return { ...written, code };
}

test('--explain-config says every value, where it comes from, and no secret', async () => {
  const { out, code } = await run('scheduler', '--explain-config');
  expect(code).toBeUndefined();
  expect(out).toMatch(/^redis\.password +<secret> +\S+node\.yaml:6:49$/m);
  expect(out).toMatch(/^http\.port +0 +default$/m);
  expect(out).toMatch(/^name +scheduler +default: role-position, or the role$/m);
  expect(out + (await run('scheduler', '--explain-config', '--json')).out).not.toMatch(/hunter2|c0ffee/);
});

test('--check says that all is in order', async () => {
  expect(await run('scheduler', '--check')).toEqual({
    out: `${file} is in order: scheduler, a scheduler\n`,
    err: '',
    code: undefined,
  });
});

test('what is wrong ends with 2, and says so as JSON where that is asked for', async () => {
  const { err, code } = await run('trainer', '--check', '--json');
  expect(code).toBe(2);
  expect(JSON.parse(err)).toMatchObject({ error: { code: 'NODE_FILE_INVALID' } });
  expect((await run('trainer', '--check')).err).toContain(
    'this is the file of a scheduler, and a trainer was asked for',
  );
});
