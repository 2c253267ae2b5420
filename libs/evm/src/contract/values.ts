import { enumerations } from '../abi/index.ts';
import type { Parameter } from './abi-types.ts';

/** Integers up to this many bits fit a number exactly. */
const smallBits = 48;

const enumeration = ({ internalType }: Parameter): readonly string[] | undefined =>
  internalType?.startsWith('enum ') === true
    ? (enumerations as Record<string, readonly string[]>)[internalType.slice('enum '.length)]
    : undefined;

/** A parameter as ethers is asked to decode it: an address as a number, because ethers hashes it to spell it. */
export function decodable({ name, type, components }: Parameter): Parameter {
  const plain = { name, type: type.replace(/^address/, 'uint160') };
  return components === undefined ? plain : { ...plain, components: components.map(decodable) };
}

/** What ethers decoded, as the value that `ValueOf` describes: no proxies, one spelling for an address. */
export function fromChain(parameter: Parameter, value: unknown, type = parameter.type): unknown {
  if (type.endsWith('[]')) {
    return Array.from(value as Iterable<unknown>, (item) => fromChain(parameter, item, type.slice(0, -2)));
  }
  if (type === 'tuple') return namedFromChain(parameter.components ?? [], value as ArrayLike<unknown>);
  if (typeof value !== 'bigint') return value;
  if (type === 'address') return `0x${value.toString(16).padStart(40, '0')}`;
  const members = enumeration(parameter);
  if (members !== undefined) return members[Number(value)];
  return Number(/\d+/.exec(type)?.[0]) <= smallBits ? Number(value) : value;
}

export const listedFromChain = (parameters: readonly Parameter[], values: ArrayLike<unknown>): unknown[] =>
  parameters.map((parameter, i) => fromChain(parameter, values[i]));

/** Parameters by their names. */
export function namedFromChain(
  parameters: readonly Parameter[],
  values: ArrayLike<unknown>,
): Record<string, unknown> {
  return Object.fromEntries(
    parameters.map((parameter, i) => [parameter.name, fromChain(parameter, values[i])]),
  );
}

/** The opposite: what ethers encodes. Only enumerations look different to it. */
export function toChain(parameter: Parameter, value: unknown, type = parameter.type): unknown {
  if (type.endsWith('[]')) {
    return (value as readonly unknown[]).map((item) => toChain(parameter, item, type.slice(0, -2)));
  }
  if (type === 'tuple') {
    const fields = value as Readonly<Record<string, unknown>>;
    return (parameter.components ?? []).map((component) => toChain(component, fields[component.name]));
  }
  const members = enumeration(parameter);
  return members === undefined ? value : members.indexOf(value as string);
}
