import pc from 'picocolors';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeRun } from '../fake-run.fixture.ts';
import type { RunOutcome } from '../report.ts';
import { FakeTerminal } from '../terminal/fake-terminal.fixture.ts';
import { unicode } from '../text/glyphs.ts';
import { LiveReport } from './live-report.ts';

let run: FakeRun;
let terminal: FakeTerminal;
let nowMs: number;
let ended: RunOutcome[];
let report: LiveReport;
beforeEach(async () => {
  vi.useFakeTimers();
  run = await FakeRun.of('name: quickstart\nrounds: 2\n');
  terminal = new FakeTerminal();
  nowMs = 0;
  ended = [];
  report = new LiveReport({
    terminal,
    glyphs: unicode,
    colours: pc.createColors(false),
    clock: () => nowMs,
    around: {
      warn: (warnings) => {
        terminal.write(warnings.map((warning) => `warning ${warning}\n`).join(''));
      },
      end: (outcome) => {
        ended.push(outcome);
        terminal.write('the end\n');
      },
    },
  });
});
afterEach(() => {
  report.close();
  vi.useRealTimers();
});

/** The whole run, each call so many milliseconds after the one before it. */
function play(betweenMs: number): void {
  for (const moment of run.play()) {
    nowMs += betweenMs;
    if ('events' in moment) report.events(moment.events, run);
    else report.round(moment.round, run);
  }
}

const pictures = () => terminal.written.split('\u001b[?2026h').length - 1;

test('is drawn at most ten times a second, however much happens', () => {
  report.started(run);
  play(5);
  expect(pictures()).toBeLessThanOrEqual(1 + nowMs / 100);
  expect(pictures()).toBeGreaterThan(1);
});

test('is drawn less often where drawing takes long', () => {
  let drawn = 0;
  const write = terminal.write.bind(terminal);
  terminal.write = (text) => {
    drawn++;
    nowMs += 20;
    write(text);
  };
  report.started(run);
  play(20);
  expect(drawn).toBeGreaterThan(1);
  expect(drawn).toBeLessThanOrEqual(1 + nowMs / 500);
});

test('is drawn with every call where calls are rare', () => {
  report.started(run);
  play(1000);
  expect(terminal.text).toContain('round 2 of 2');
  expect(terminal.text).toContain('best');
});

test('goes on while nothing happens but time', () => {
  report.started(run);
  expect(terminal.text).toContain('0 ms elapsed');
  nowMs = 4200;
  vi.advanceTimersByTime(1000);
  expect(terminal.text).toContain('4.2 s elapsed');
});

test('fits the terminal again when its size changes', () => {
  report.started(run);
  terminal.resize(50, 12);
  expect(terminal.lines.length).toBeLessThanOrEqual(12);
  for (const line of terminal.lines) expect(line.length).toBeLessThanOrEqual(50);
  expect(terminal.text).toContain('Ctrl-C stops');
});

test('says that it is stopping', () => {
  report.started(run);
  report.stopping();
  expect(terminal.lines.at(-1)).toBe('stopping at the end of the round; Ctrl-C again exits at once');
});

test('leaves the shell what was there before, and the end below it', () => {
  terminal.write('$ flobc run\n');
  report.warn(['odd']);
  report.preparing('loading the data');
  expect(terminal.text).toBe('$ flobc run\nwarning odd\nloading the data …');
  report.warn(['odd, too']);
  report.preparing('opening lenet5');
  report.started(run);
  expect(terminal.isAlternate).toBe(true);
  play(500);
  report.end({ plan: run.plan, result: run.result(), written: [], resume: null });
  expect(terminal).toMatchObject({ isAlternate: false, isCursorSeen: true, listeners: 0 });
  expect(terminal.text.trimEnd().split('\n').slice(0, 3)).toEqual([
    '$ flobc run',
    'warning odd',
    'warning odd, too',
  ]);
  expect(terminal.text).toContain('the end');
  expect(ended).toHaveLength(1);
});

test('draws nothing more once it is closed', () => {
  report.started(run);
  report.close();
  terminal.written = '';
  report.stopping();
  nowMs = 10_000;
  vi.advanceTimersByTime(10_000);
  expect(terminal.written).toBe('');
});

test('gives the terminal to the shell and takes it again', () => {
  report.started(run);
  report.hide();
  expect(terminal.isAlternate).toBe(false);
  nowMs = 5000;
  vi.advanceTimersByTime(1000);
  expect(terminal.isAlternate).toBe(true);
  expect(terminal.text).toContain('5.0 s elapsed');
});
