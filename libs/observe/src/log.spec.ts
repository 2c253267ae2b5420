import { expect, test } from 'vitest';
import { createRun } from '#libs/protocol';
import { EventLog } from './event-log.ts';
import { type LogContext, openLog } from './log.ts';

const secrets = ['4c0883a69102937d', 'a "quoted" password', ''];

function openedLog(level: string) {
  const lines: string[] = [];
  const context: LogContext = {};
  const to = { write: (line: string) => void lines.push(line) };
  const log = openLog({ level, actor: 'trainer-0', context, secrets, to });
  return {
    log,
    context,
    lines,
    parsed: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

test('a line names run, round and actor as far as they are known', () => {
  const { log, context, parsed } = openedLog('info');
  log.info('before');
  Object.assign(context, { run: '0x12345678', round: 3 });
  log.info({ more: 1 }, 'after');
  log.debug('not at this level');
  expect(parsed()).toMatchObject([
    { actor: 'trainer-0', msg: 'before' },
    { actor: 'trainer-0', run: '0x12345678', round: 3, more: 1, msg: 'after' },
  ]);
  expect(parsed()[0]).not.toHaveProperty('round');
});

test('no line has a secret, whatever brings it there, at any level', () => {
  const { log, lines } = openedLog('trace');
  log.trace({ key: `0x${secrets[0]!}` }, `signing with ${secrets[0]!}`);
  log.error({ err: new Error(`cannot open ${secrets[1]!}`) });
  log.child({ url: `redis://:${secrets[0]!}@host` }).warn('trouble');
  log.info({ password: 'of somebody else', deeper: { credentials: 'SU1', more: { privateKey: 'k' } } });
  const text = lines.join('');
  expect(lines).toHaveLength(4);
  for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  for (const secret of [secrets[0]!, 'quoted', 'of somebody else', 'SU1', '"k"'])
    expect(text).not.toContain(secret);
  expect(text).toContain('signing with <secret>');
});

test('events are lines from the moment on in which the node takes part: the notable ones at info', () => {
  const { log, context, parsed } = openedLog('debug');
  let isLive = false;
  const events = new EventLog(log, context, () => isLive);
  const state = createRun({ windows: { gatheringMs: 1 }, run: '0x00' } as never, 0);
  const happened = [
    { kind: 'roundVoided', round: 1, reason: 'noReceipts', atMs: 5 },
    { kind: 'bondChanged', actor: `0x${'1'.repeat(40)}`, bondWei: 10n ** 20n, atMs: 6 },
  ] as const;
  events.see(happened, state);
  isLive = true;
  events.see(happened, state);
  expect(parsed()).toMatchObject([
    { level: 30, event: 'roundVoided', round: 1, reason: 'noReceipts', msg: 'roundVoided' },
    { level: 20, event: 'bondChanged', msg: 'bondChanged' },
  ]);
});
