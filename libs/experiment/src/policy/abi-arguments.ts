import type { Hex } from '#libs/wire';
import type { PolicyParameter } from '../run-plan.ts';

/** An argument of a constructor, as the compiler's ABI has it. */
export interface AbiInput {
  readonly name: string;
  readonly type: string;
}

/**
 * Arguments in the ABI's encoding (https://docs.soliditylang.org/en/latest/abi-spec.html), for the types that a run file
 * can say: whole numbers, bool, address, bytesN, bytes, string. Numbers above 2^53 are written as text. What is wrong is
 * the result instead, one sentence each.
 *
 * Thirty lines, because the one library of ours that has an ABI coder, ethers, belongs to the ledger.
 */
export function encodeArguments(
  inputs: readonly AbiInput[],
  values: readonly PolicyParameter[],
): { readonly code: Hex } | { readonly problems: readonly string[] } {
  if (inputs.length !== values.length) {
    const wanted =
      inputs.length === 0 ? 'none' : inputs.map(({ type, name }) => `${type} ${name}`).join(', ');
    return { problems: [`the constructor takes ${wanted}; ${values.length} are given`] };
  }
  const problems: string[] = [];
  const heads: string[] = [];
  let tail = '';
  for (const [i, { type, name }] of inputs.entries()) {
    const word = wordOf(type, values[i]!);
    const bytes = word === undefined ? bytesOf(type, values[i]!) : undefined;
    if (word !== undefined) heads.push(word);
    else if (bytes) {
      heads.push(hexWord(BigInt(32 * inputs.length + tail.length / 2)));
      tail += hexWord(BigInt(bytes.length)) + padded(bytes.toString('hex'));
    } else
      problems.push(`${name || `argument ${i}`}: expected ${formOf(type)}, not ${JSON.stringify(values[i])}`);
  }
  return problems.length === 0 ? { code: `0x${heads.join('')}${tail}` } : { problems };
}

const hexWord = (value: bigint): string => BigInt.asUintN(256, value).toString(16).padStart(64, '0');
const padded = (digits: string): string => digits.padEnd(Math.ceil(digits.length / 64) * 64, '0');

/** What fits into one word; undefined for anything else. */
function wordOf(type: string, value: PolicyParameter): string | undefined {
  const [, sign, bits] = /^(u?)int(\d+)$/.exec(type) ?? [];
  if (bits !== undefined) {
    const number = integerOf(value);
    if (number === undefined) return undefined;
    const cut = sign === 'u' ? BigInt.asUintN(Number(bits), number) : BigInt.asIntN(Number(bits), number);
    return cut === number ? hexWord(number) : undefined;
  }
  if (type === 'bool') return typeof value === 'boolean' ? hexWord(value ? 1n : 0n) : undefined;
  const length = type === 'address' ? 20 : Number(/^bytes(\d+)$/.exec(type)?.[1]);
  const isHex = typeof value === 'string' && /^0x(?:[0-9a-fA-F]{2})*$/.test(value);
  if (!isHex || value.length !== 2 + 2 * length) return undefined;
  const digits = value.slice(2).toLowerCase();
  return type === 'address' ? digits.padStart(64, '0') : padded(digits);
}

function integerOf(value: PolicyParameter): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && /^-?\d{1,78}$/.test(value) ? BigInt(value) : undefined;
}

function bytesOf(type: string, value: PolicyParameter): Buffer | undefined {
  if (typeof value !== 'string') return undefined;
  if (type === 'string') return Buffer.from(value);
  return type === 'bytes' && /^0x(?:[0-9a-fA-F]{2})*$/.test(value)
    ? Buffer.from(value.slice(2), 'hex')
    : undefined;
}

function formOf(type: string): string {
  if (/^u?int/.test(type)) return `a whole number that fits ${type} (in quotes above 2^53)`;
  if (type === 'bool') return 'true or false';
  if (type === 'string') return 'a text';
  if (type === 'address' || type.startsWith('bytes')) return `${type} in hexadecimal, in quotes`;
  return `${type}, which a run file cannot give`;
}
