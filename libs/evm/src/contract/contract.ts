import { AbiCoder, EventFragment, Interface, ParamType } from 'ethers';
import type { Hex } from '#libs/wire';
import type {
  Abi,
  AbiEntry,
  ArgumentsOf,
  ConstructorArguments,
  EventOf,
  FunctionName,
  Parameter,
  ReturnOf,
} from './abi-types.ts';
import { decodable, fromChain, listedFromChain, namedFromChain, toChain } from './values.ts';

export interface Compiled<A extends Abi> {
  readonly name: string;
  readonly abi: A;
  readonly bytecode: string;
}

export interface RawLog {
  readonly topics: readonly string[];
  readonly data: string;
}

/** '0x' and four bytes. */
const selectorLength = 10;

/** An event by its first topic: which inputs are in the others, and the types of those in the data. */
interface KnownEvent {
  readonly name: string;
  readonly indexed: readonly Parameter[];
  readonly inData: readonly Parameter[];
  readonly types: readonly ParamType[];
}

/** A contract's calls, events and errors as values, typed by its ABI. It knows no address and sends nothing. */
export class Contract<const A extends Abi> {
  readonly #compiled: Compiled<A>;
  readonly #interface: Interface;
  readonly #events: ReadonlyMap<string, KnownEvent>;
  readonly #outputs = new Map<string, readonly ParamType[]>();

  constructor(compiled: Compiled<A>) {
    this.#compiled = compiled;
    this.#interface = new Interface(compiled.abi);
    this.#events = new Map(
      compiled.abi.filter(({ type }) => type === 'event').map((entry) => knownEvent(entry)),
    );
  }

  creationCode(constructorArguments: ConstructorArguments<A>): Hex {
    const inputs = this.#entry('constructor')?.inputs ?? [];
    const values = inputs.map((input, i) => toChain(input, constructorArguments[i]));
    return `${this.#compiled.bytecode}${this.#interface.encodeDeploy(values).slice(2)}` as Hex;
  }

  encode<Name extends FunctionName<A>>(name: Name, values: ArgumentsOf<A, Name>): Hex {
    const inputs = this.#entry('function', name)!.inputs!;
    return this.#interface.encodeFunctionData(
      name,
      inputs.map((input, i) => toChain(input, (values as readonly unknown[])[i])),
    ) as Hex;
  }

  decode<Name extends FunctionName<A>>(name: Name, data: Hex): ReturnOf<A, Name> {
    const outputs = this.#entry('function', name)!.outputs!;
    let types = this.#outputs.get(name);
    if (types === undefined) this.#outputs.set(name, (types = typesOf(outputs)));
    const values = coder.decode(types, data);
    if (outputs.length === 1) return fromChain(outputs[0]!, values[0]) as ReturnOf<A, Name>;
    const unnamed = outputs.some((output) => output.name === '');
    return (unnamed ? listedFromChain(outputs, values) : namedFromChain(outputs, values)) as ReturnOf<
      A,
      Name
    >;
  }

  /** A value that was ABI-encoded alone, of the type of a function's argument. */
  decodeArgument<Name extends FunctionName<A>, const I extends number>(
    name: Name,
    position: I,
    data: Hex,
  ): ArgumentsOf<A, Name>[I] {
    const parameter = this.#entry('function', name)!.inputs![position]!;
    const [value] = coder.decode(typesOf([parameter]), data) as unknown as [unknown];
    return fromChain(parameter, value) as ArgumentsOf<A, Name>[I];
  }

  /** null for a log of something else. */
  event({ topics, data }: RawLog): EventOf<A> | null {
    const known = this.#events.get(topics[0] ?? '');
    if (known === undefined) return null;
    const { name, indexed, inData, types } = known;
    const args = {
      // No event of ours has anything but numbers and addresses in its topics.
      ...namedFromChain(indexed, topics.slice(1).map(BigInt)),
      ...namedFromChain(inData, coder.decode(types, data)),
    };
    return { name, args } as EventOf<A>;
  }

  /** A custom error by its name, with its facts; null for anything else, also for data that is cut off. */
  error(data: string): { name: string; args: Record<string, unknown> } | null {
    const fragment =
      data.length < selectorLength ? null : this.#interface.getError(data.slice(0, selectorLength));
    const inputs = fragment === null ? undefined : this.#entry('error', fragment.name)?.inputs;
    if (fragment === null || inputs === undefined) return null;
    try {
      const values = coder.decode(typesOf(inputs), `0x${data.slice(selectorLength)}`);
      return { name: fragment.name, args: namedFromChain(inputs, values) };
    } catch {
      return null; // ethers' only way to say that the data is not of this shape
    }
  }

  #entry(type: string, name?: string): AbiEntry | undefined {
    return this.#compiled.abi.find((entry) => entry.type === type && entry.name === name);
  }
}

const coder = AbiCoder.defaultAbiCoder();
const typesOf = (parameters: readonly Parameter[]) =>
  parameters.map((parameter) => ParamType.from(decodable(parameter)));

function knownEvent({ name, inputs = [] }: AbiEntry): [string, KnownEvent] {
  const indexed = inputs.filter((input) => input.indexed === true);
  const inData = inputs.filter((input) => input.indexed !== true);
  const { topicHash } = EventFragment.from({ type: 'event', name, inputs });
  return [topicHash, { name: name!, indexed, inData, types: typesOf(inData) }];
}
