import { describe, expect, test } from 'vitest';
import { encodeArguments } from './abi-arguments.ts';

const inputs = (...types: string[]) => types.map((type, i) => ({ type, name: `a${i}` }));
const word = (digits: string) => digits.padStart(64, '0');

describe('encoded arguments', () => {
  test('are those of another encoder (ethers 6.17)', () => {
    const types = inputs('uint16', 'bool', 'string', 'address', 'int8', 'bytes4', 'bytes', 'uint256');
    const values = [
      5,
      true,
      'hé',
      '0x00000000000000000000000000000000000000Ff',
      -1,
      '0x01020304',
      `0x${'ab'.repeat(33)}`,
      (2n ** 256n - 1n).toString(),
    ];
    const words = [
      word('5'),
      word('1'),
      word('100'),
      word('ff'),
      'f'.repeat(64),
      '01020304'.padEnd(64, '0'),
      word('140'),
      'f'.repeat(64),
      word('3'),
      '68c3a9'.padEnd(64, '0'),
      word('21'),
      'ab'.repeat(32),
      'ab'.padEnd(64, '0'),
    ];
    expect(encodeArguments(types, values)).toEqual({ code: `0x${words.join('')}` });
    expect(encodeArguments([], [])).toEqual({ code: '0x' });
  });

  test.each([
    ['uint8', 256],
    ['uint8', -1],
    ['int8', 128],
    ['int8', -129],
    ['uint256', 2 ** 53],
    ['uint256', 1.5],
    ['uint256', '1e3'],
    ['bool', 1],
    ['address', '0x12'],
    ['address', 0],
    ['bytes4', '0x0102'],
    ['bytes', 'text'],
    ['string', 5],
    ['uint256[]', '[]'],
    ['tuple', 'x'],
  ])('%s is not %j', (type, value) => {
    expect(encodeArguments(inputs(type), [value])).toEqual({
      problems: [expect.stringMatching(/^a0: expected .+, not /) as string],
    });
  });

  test('are as many as the constructor takes, and all that is wrong is said', () => {
    expect(encodeArguments(inputs('uint8', 'bool'), [1])).toEqual({
      problems: ['the constructor takes uint8 a0, bool a1; 1 are given'],
    });
    expect(encodeArguments([], [1])).toEqual({ problems: ['the constructor takes none; 1 are given'] });
    expect(encodeArguments(inputs('uint8', 'bool'), [-1, 0])).toMatchObject({ problems: { length: 2 } });
  });
});
