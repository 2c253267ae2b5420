import fc from 'fast-check';
import pc from 'picocolors';
import { describe, expect, test } from 'vitest';
import { cut, join, joinFitting, line, type Line, pad, paint, span, textOf, widthOf } from './line.ts';

const someLine: fc.Arbitrary<Line> = fc.array(
  fc.record({
    text: fc.stringMatching(/^[ -~]{0,12}$/),
    tone: fc.constantFrom('good', 'bad', 'faint', 'title', 'notice', 'busy'),
  }),
  { maxLength: 5 },
);
const width = fc.integer({ min: 0, max: 40 });

describe('a line', () => {
  test('is cut to a width, as it is where it fits, and says where it does not', () => {
    fc.assert(
      fc.property(someLine, width, (of, columns) => {
        const kept = cut(of, columns, '~');
        expect(widthOf(kept)).toBe(Math.min(columns, widthOf(of)));
        if (widthOf(of) > columns && columns > 0)
          expect(textOf(kept)).toBe(`${textOf(of).slice(0, columns - 1)}~`);
      }),
    );
  });

  test('is padded to a width, on the side that it asks for', () => {
    fc.assert(
      fc.property(someLine, width, (of, columns) => {
        expect(textOf(pad(of, columns))).toBe(textOf(of).padEnd(columns));
        expect(textOf(pad(of, columns, 'right'))).toBe(textOf(of).padStart(columns));
      }),
    );
  });

  test('says the same with colours and without', () => {
    fc.assert(
      fc.property(someLine, (of) => {
        const plain = paint(of, pc.createColors(false));
        expect(plain).toBe(textOf(of).trimEnd());
        expect(paint(of, pc.createColors(true)).replaceAll(/\u001b\[\d+m/g, '')).toBe(plain);
      }),
    );
  });

  test('in red is red where there are colours', () => {
    expect(paint(line('refused', 'bad'), pc.createColors(true))).toBe('\u001b[31mrefused\u001b[39m');
  });
});

test('lines stand side by side, as many as fit', () => {
  const three = [line('one'), [span('two', 'good')], line('three')];
  expect(textOf(join(three, ', '))).toBe('one, two, three');
  expect([30, 15, 14, 8, 7, 1].map((columns) => textOf(joinFitting(three, ', ', columns)))).toEqual([
    'one, two, three',
    'one, two, three',
    'one, two',
    'one, two',
    'one',
    'one',
  ]);
});
