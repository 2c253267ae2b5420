import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { run, schemes } from '../../../test/soak/cast.ts';
import { parseConfig } from './parse-config.ts';

const problems = (fields: object) => {
  const parsed = parseConfig({ run, scheme: schemes.bsp, ...fields });
  return parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${path}: ${message}`);
};

describe('parseConfig', () => {
  test('needs a run and a scheme; the rest has the defaults of the protocol', () => {
    const parsed = parseConfig({ run, scheme: { kind: 'bap' } });
    expect(parsed).toMatchObject({
      ok: true,
      config: {
        maxVoidRounds: 5,
        maxProposers: 3,
        maxLineup: 256,
        maxCommittee: 32,
        quorum: {
          few: { numerator: 1, denominator: 2 },
          many: { numerator: 2, denominator: 3 },
          manyFrom: 4,
        },
        inactiveAfterRounds: 5,
        scheme: { kind: 'bap', quorumRatio: { numerator: 3, denominator: 5 }, staleness: { kind: 'power' } },
      },
    });
  });

  test('what it returns it takes again, unchanged', () => {
    for (const scheme of Object.values(schemes)) {
      const parsed = parseConfig({
        run,
        scheme: {
          ...scheme,
          staleness: { kind: 'hinge', threshold: 2, slope: { numerator: 1, denominator: 2 } },
        },
      });
      expect(parsed.ok && parseConfig(parsed.config)).toEqual(parsed);
    }
  });

  test.each([
    [
      'everything that is wrong, at once',
      { run: '0x1', minTrainers: 0, windows: { lineupMs: 1.5 } },
      [
        'run: expected 0x and 64',
        'minTrainers: expected an integer from 1',
        'windows.lineupMs: expected an integer',
      ],
    ],
    [
      'a name that nobody knows',
      { windows: { lineUpMs: 5 } },
      ['windows.lineUpMs: expected one of gatheringMs, lineupMs'],
    ],
    [
      'a scheme that nobody knows, and nothing about its fields',
      { scheme: { kind: 'bspp', periodMs: 'x', foo: 1 } },
      ['scheme.kind: expected one of bsp, ssp, bap, buffered', 'scheme.periodMs'],
    ],
    ['a missing scheme once', { scheme: undefined }, ['scheme: expected an object']],
    ['a list in the place of an object', { quorum: [] }, ['quorum: expected an object']],
    [
      'a quorum of everything',
      { quorum: { few: { numerator: 1, denominator: 1 } } },
      ['quorum.few: expected a ratio below 1'],
    ],
    [
      'a division by nothing',
      { scheme: { kind: 'bap', quorumRatio: { numerator: 1, denominator: 0 } } },
      ['scheme.quorumRatio.denominator: expected an integer from 1'],
    ],
    [
      'more than all Trainers',
      { scheme: { kind: 'bap', quorumRatio: { numerator: 6, denominator: 5 } } },
      ['scheme.quorumRatio: expected a ratio in (0, 1]'],
    ],
    [
      'a power without an exponent',
      { scheme: { kind: 'bsp', staleness: { kind: 'power' } } },
      ['scheme.staleness.exponent: expected an object'],
    ],
    [
      'an exponent too fine',
      { scheme: { kind: 'bsp', staleness: { kind: 'power', exponent: { numerator: 1, denominator: 17 } } } },
      ['scheme.staleness.exponent: expected a ratio at most 8'],
    ],
    [
      'SSP that would be halted before a dead Trainer is inactive',
      { scheme: schemes.ssp, inactiveAfterRounds: 6 },
      ['inactiveAfterRounds: expected under ssp at most'],
    ],
  ])('names %s', (_, fields, expected) => {
    const found = problems(fields);
    expect(found.length).toBe(expected.length);
    expected.forEach((start, i) => {
      expect(found[i]).toContain(start);
    });
  });

  test('takes anything, and never throws', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), (value) => {
        const parsed = parseConfig(value);
        expect(parsed.ok).toBe(false);
      }),
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('windows', 'quorum', 'scheme', 'maxRounds', 'election'), fc.anything()),
        (fields) => {
          const parsed = parseConfig({ run, scheme: schemes.bsp, ...fields });
          if (!parsed.ok) expect(parsed.problems.length).toBeGreaterThan(0);
        },
      ),
    );
  });
});
