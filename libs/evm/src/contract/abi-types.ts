import type { Hex } from '#libs/wire';
import type { ActorId, Digest } from '#libs/protocol';
import type { enumerations } from '../abi/index.ts';

/** A parameter of an ABI (https://docs.soliditylang.org/en/latest/abi-spec.html#json). */
export interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly internalType?: string;
  readonly indexed?: boolean;
  readonly components?: readonly Parameter[];
}

export interface AbiEntry {
  readonly type: string;
  readonly name?: string;
  readonly inputs?: readonly Parameter[];
  readonly outputs?: readonly Parameter[];
}

export type Abi = readonly AbiEntry[];

type Enumerations = typeof enumerations;
/** Integers up to this many bits are numbers, wider ones bigints. */
type SmallBits = '8' | '16' | '24' | '32' | '40' | '48';

/** The TypeScript value of a parameter: addresses as actors, 32 bytes as a digest, enumerations by their names. */
export type ValueOf<P extends Parameter> = ValueOfType<P['type'], P>;

type ValueOfType<Type extends string, P extends Parameter> = Type extends `${infer Item}[]`
  ? readonly ValueOfType<Item, P>[]
  : Type extends 'tuple'
    ? Named<NonNullable<P['components']>>
    : P['internalType'] extends `enum ${infer Name extends keyof Enumerations}`
      ? Enumerations[Name][number]
      : Elementary<Type>;

type Elementary<Type extends string> = Type extends 'address'
  ? ActorId
  : Type extends 'bool'
    ? boolean
    : Type extends 'bytes32'
      ? Digest
      : Type extends `bytes${string}`
        ? Hex
        : Type extends `${'u' | ''}int${infer Bits}`
          ? Bits extends SmallBits
            ? number
            : bigint
          : string;

/** Parameters as an object. */
export type Named<Parameters extends readonly Parameter[]> = {
  readonly [P in Parameters[number] as P['name']]: ValueOf<P>;
};

/** Parameters as a list of arguments. */
type Listed<Parameters extends readonly Parameter[]> = {
  readonly [I in keyof Parameters]: ValueOf<Parameters[I]>;
};

type EntryOf<A extends Abi, Type extends string, Name extends string = string> = Extract<
  A[number],
  { readonly type: Type; readonly name: Name }
>;

export type FunctionName<A extends Abi> = EntryOf<A, 'function'>['name'];
export type ArgumentsOf<A extends Abi, Name extends string> = Listed<
  NonNullable<EntryOf<A, 'function', Name>['inputs']>
>;
/** What a function returns: its one value, or all of them by name, or a list if they have none. */
export type ReturnOf<A extends Abi, Name extends string> = Returned<
  NonNullable<EntryOf<A, 'function', Name>['outputs']>
>;
type Returned<Outputs extends readonly Parameter[]> = Outputs extends readonly [infer Only extends Parameter]
  ? ValueOf<Only>
  : '' extends Outputs[number]['name']
    ? Listed<Outputs>
    : Named<Outputs>;

/** An event as a value: `{ name, args }` of any event of the ABI. */
export type EventOf<A extends Abi> = {
  [Name in EntryOf<A, 'event'>['name']]: {
    readonly name: Name;
    readonly args: Named<NonNullable<EntryOf<A, 'event', Name>['inputs']>>;
  };
}[EntryOf<A, 'event'>['name']];

export type ConstructorArguments<A extends Abi> =
  Extract<A[number], { readonly type: 'constructor' }> extends { readonly inputs: infer Inputs }
    ? Inputs extends readonly Parameter[]
      ? Listed<Inputs>
      : never
    : readonly [];
