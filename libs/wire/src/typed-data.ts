import { keccak256 } from 'ethers/crypto';
import type { ActorId, Digest } from '#libs/protocol';
import type { Hex } from './fields.ts';

// EIP-712 for flat structs, by hand: one buffer of 32-byte words and one Keccak. A Keccak of two blocks takes as long in
// JavaScript as half a native signature check, and a general encoder ten times that; see docs/adr/0042.

/** How the types of fields look in TypeScript. */
interface Types {
  readonly uint8: number;
  readonly uint64: number;
  readonly uint256: bigint;
  readonly bytes32: Digest;
  readonly address: ActorId;
  readonly string: string;
}

type Fields = Readonly<Record<string, keyof Types>>;

export type ValuesOf<F extends Fields> = { readonly [K in keyof F]: Types[F[K]] };

/** A struct type: its name, its fields in order, and its values' hash. */
export interface Struct<F extends Fields = Fields> {
  readonly name: string;
  readonly fields: F;
  /** The type as Solidity hashes it: "Name(type field,type field)". */
  readonly type: string;
  /** hashStruct of EIP-712. */
  hash(values: ValuesOf<F>): Hex;
}

const wordBytes = 32;

export const keccakOfText = (text: string): Hex => keccak256(Buffer.from(text, 'utf8')) as Hex;

export function struct<const F extends Fields>(name: string, fields: F): Struct<F> {
  const entries = Object.entries(fields);
  const type = `${name}(${entries.map(([field, type]) => `${type} ${field}`).join(',')})`;
  const typeHash = keccakOfText(type);
  return {
    name,
    fields,
    type,
    hash(values) {
      const words = new Words(entries.length + 1);
      words.hex(typeHash);
      for (const [field, type] of entries) write(words, type, (values as ValuesOf<Fields>)[field]!);
      return words.hash();
    },
  };
}

function write(words: Words, type: keyof Types, value: Types[keyof Types]): void {
  switch (type) {
    case 'uint8':
    case 'uint64':
    case 'uint256':
      words.integer(value as number | bigint);
      break;
    case 'bytes32':
    case 'address':
      words.hex(value as Hex);
      break;
    case 'string':
      words.hex(keccakOfText(value as string));
  }
}

/** Values of 32 bytes one after the other, as `abi.encode` writes them; each is right-aligned in its word. */
export class Words {
  readonly #bytes: Buffer;
  #end = 0;

  constructor(count: number) {
    this.#bytes = Buffer.alloc(count * wordBytes);
  }

  integer(value: number | bigint): void {
    this.hex(`0x${value.toString(16).padStart(2 * wordBytes, '0')}`);
  }

  hex(value: Hex): void {
    this.#end += wordBytes;
    this.#bytes.write(value.slice(2), this.#end - (value.length - 2) / 2, 'hex');
  }

  hash(): Hex {
    return keccak256(this.#bytes) as Hex;
  }
}

const domainStruct = struct('EIP712Domain', {
  name: 'string',
  version: 'string',
  chainId: 'uint256',
  verifyingContract: 'address',
});

/** The domain of the ledger at an address: two ledgers, or one ledger on two chains, never take each other's signatures. */
export const domainOf = (chainId: bigint, ledger: ActorId) =>
  ({ name: 'FLoBC', version: '1', chainId, verifyingContract: ledger }) as const;

export const domainSeparator = (chainId: bigint, ledger: ActorId): Hex =>
  domainStruct.hash(domainOf(chainId, ledger));

/** keccak256(0x1901 . separator . hash): what is signed. */
export function typedDataDigest(separator: Hex, structHash: Hex): Digest {
  return keccak256(Buffer.from(`1901${separator.slice(2)}${structHash.slice(2)}`, 'hex')) as Digest;
}
