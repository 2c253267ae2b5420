import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeTerminal } from './fake-terminal.fixture.ts';
import { Screen } from './screen.ts';

const someLines = fc.array(fc.stringMatching(/^[a-z ]{0,20}$/), { maxLength: 12 });

test('whatever was on it before, a screen shows the lines that were drawn last', () => {
  fc.assert(
    fc.property(fc.array(someLines, { minLength: 1, maxLength: 6 }), (pictures) => {
      const terminal = new FakeTerminal(20, 10);
      const screen = new Screen(terminal);
      for (const lines of pictures) {
        screen.draw(lines);
        const seen = lines.slice(0, 10).map((line) => line.trimEnd());
        expect(terminal.text.trimEnd()).toBe(seen.join('\n').trimEnd());
      }
    }),
  );
});

test('only lines that have changed are written again', () => {
  const terminal = new FakeTerminal();
  const screen = new Screen(terminal);
  screen.draw(['one', 'two', 'three']);
  terminal.written = '';
  screen.draw(['one', 'two', 'three']);
  expect(terminal.written).toBe('');
  screen.draw(['one', 'TWO', 'three']);
  expect(terminal.written).toContain('TWO');
  expect(terminal.written).not.toContain('one');
  expect(terminal.written).not.toContain('three');
});

test('all of it is written again where the size has changed', () => {
  const terminal = new FakeTerminal();
  const screen = new Screen(terminal);
  screen.draw(['one', 'two']);
  terminal.lines = ['torn', 'apart'];
  terminal.resize(40, 10);
  screen.draw(['one', 'two']);
  expect(terminal.text).toBe('one\ntwo');
});

test('the shell has its screen back, and its cursor', () => {
  const terminal = new FakeTerminal();
  terminal.write('$ flobc run\n');
  const screen = new Screen(terminal);
  screen.close();
  screen.draw(['one']);
  expect(terminal).toMatchObject({ isAlternate: true, isCursorSeen: false, text: 'one' });
  screen.close();
  screen.close();
  expect(terminal).toMatchObject({ isAlternate: false, isCursorSeen: true, text: '$ flobc run' });
  screen.draw(['two']);
  expect(terminal.text).toBe('two');
});
