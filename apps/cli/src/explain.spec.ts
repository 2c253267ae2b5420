import { describe, expect, test } from 'vitest';
import { Fault } from '#libs/fault';
import { explain } from './explain.ts';
import type { Output } from './output.ts';

const fault = new Fault('MODEL_INVALID', 'there is no model "lenet"', {
  facts: { name: 'lenet' },
  hint: 'Did you mean "lenet5"?',
});

function explained(error: unknown, asJson: boolean): { code: number; text: string } {
  let text = '';
  const output: Output = { write: (more) => (text += more) };
  return { code: explain(error, asJson, output), text };
}

// Colours depend on where the tests run; the words do not.
const plain = (text: string) => text.replace(/\u001b\[\d+m/g, '');

describe('explain', () => {
  test('says what went wrong, what to do, and where to read more', () => {
    const { code, text } = explained(fault, false);
    expect(code).toBe(1);
    expect(plain(text)).toBe(
      'error there is no model "lenet"\n  Did you mean "lenet5"?\n  docs/errors/MODEL_INVALID.md\n',
    );
  });

  test('is one line of JSON for machines', () => {
    const { code, text } = explained(fault, true);
    expect(code).toBe(1);
    expect(text.endsWith('}\n')).toBe(true);
    expect(JSON.parse(text)).toEqual({
      error: {
        code: 'MODEL_INVALID',
        message: 'there is no model "lenet"',
        hint: 'Did you mean "lenet5"?',
        facts: { name: 'lenet' },
      },
    });
  });

  test('a bug goes on as it is, with its stack', () => {
    const bug = new TypeError('x is undefined');
    expect(() => explained(bug, false)).toThrow(bug);
    expect(() => explained('a string', true)).toThrow('a string');
  });
});
