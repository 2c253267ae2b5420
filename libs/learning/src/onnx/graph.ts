import { encodeModel } from './proto.ts';

/** Name of a value in an ONNX graph: the output of a node, an input or a constant. */
export type Value = string & { readonly __brand: 'onnx value' };

/** A dimension: a number, or the name of one that is known only when the graph runs. */
export type Dimension = number | string;

export type Attributes = Readonly<
  Record<string, number | string | readonly number[] | { readonly float: number }>
>;

const elementTypes = { float32: 1, uint8: 2, int64: 7 } as const;
export type ElementType = keyof typeof elementTypes;

const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 } as const;
const irVersion = 9;
const opset = 18;

/**
 * Builds an ONNX graph by calling operators as functions: `graph.op('Relu', [x])` adds a node and returns its output.
 * Equal constants are stored once. Integers become `int` attributes; wrap real ones as `{ float: 0.5 }`.
 */
export class Graph {
  readonly #nodes: Node[] = [];
  readonly #inputs: object[] = [];
  readonly #outputs: object[] = [];
  readonly #initializers: object[] = [];
  readonly #constants = new Map<string, Value>();
  readonly #computed = new Set<Value>();
  /** Names under which computed values leave the graph. */
  readonly #public = new Map<Value, string>();
  #count = 0;

  #fresh(stem: string): Value {
    return `${stem}_${this.#count++}` as Value;
  }

  input(name: string, shape: readonly Dimension[], type: ElementType = 'float32'): Value {
    this.#inputs.push(valueInfo(name, shape, type));
    return name as Value;
  }

  /** Declares a value as an output under a name of its own. A value that leaves as it came, or twice, is copied. */
  output(name: string, value: Value, shape: readonly Dimension[], type: ElementType = 'float32'): void {
    const isFirst = this.#computed.has(value) && !this.#public.has(value);
    if (isFirst) this.#public.set(value, name);
    else this.#nodes.push({ type: 'Identity', inputs: [value], outputs: [name as Value], attributes: {} });
    this.#outputs.push(valueInfo(name, shape, type));
  }

  /** Adds a node with one output. */
  op(type: string, inputs: readonly (Value | undefined)[], attributes: Attributes = {}): Value {
    return this.ops(type, inputs, 1, attributes)[0]!;
  }

  /** Adds a node with several outputs. An input left out is `undefined`. */
  ops(
    type: string,
    inputs: readonly (Value | undefined)[],
    outputs: number,
    attributes: Attributes = {},
  ): Value[] {
    const names = Array.from({ length: outputs }, () => this.#fresh(type));
    this.#nodes.push({ type, inputs, outputs: names, attributes });
    for (const name of names) this.#computed.add(name);
    return names;
  }

  scalar(value: number): Value {
    return this.tensor(Float32Array.of(value), []);
  }

  integers(values: readonly number[]): Value {
    return this.#constant(BigInt64Array.from(values, BigInt), [values.length], 'int64');
  }

  tensor(values: Float32Array, shape: readonly number[]): Value {
    return this.#constant(values, shape, 'float32');
  }

  #constant(values: Float32Array | BigInt64Array, shape: readonly number[], type: ElementType): Value {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const key = `${type}[${shape.join()}]${Buffer.from(bytes).toString('base64')}`;
    const known = this.#constants.get(key);
    if (known) return known;
    const name = this.#fresh('constant');
    this.#initializers.push({ name, dims: [...shape], dataType: elementTypes[type], rawData: bytes.slice() });
    this.#constants.set(key, name);
    return name;
  }

  /** The finished model, ready for an inference session. */
  bytes(): Uint8Array {
    return encodeModel({
      irVersion,
      producerName: 'flobc',
      opsetImport: [{ domain: '', version: opset }],
      graph: {
        name: 'step',
        node: this.#nodes.map((node) => encoded(node, (value) => this.#public.get(value) ?? value)),
        initializer: this.#initializers,
        input: this.#inputs,
        output: this.#outputs,
      },
    });
  }
}

function valueInfo(name: string, shape: readonly Dimension[], type: ElementType): object {
  const dim = shape.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }));
  return { name, type: { tensorType: { elemType: elementTypes[type], shape: { dim } } } };
}

interface Node {
  readonly type: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

function encoded({ type, inputs, outputs, attributes }: Node, nameOf: (value: Value) => string): object {
  return {
    opType: type,
    name: `${type}/${outputs[0] ?? ''}`,
    input: inputs.map((value) => (value === undefined ? '' : nameOf(value))),
    output: outputs.map(nameOf),
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  };
}

function attribute(name: string, value: Attributes[string]): object {
  if (typeof value === 'number') return { name, i: value, type: attributeTypes.int };
  if (typeof value === 'string') return { name, s: Buffer.from(value), type: attributeTypes.string };
  if (Array.isArray(value)) return { name, ints: value, type: attributeTypes.ints };
  return { name, f: (value as { float: number }).float, type: attributeTypes.float };
}
