export interface Case {
  readonly model: 'mlp-200' | 'flobc-cnn' | 'lenet5';
  readonly mode: 'train' | 'evaluate';
  readonly batch: number;
}

export interface Product {
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** Weight matrices of the models, and at how many positions of an example each is applied. */
const matrices: Readonly<
  Record<Case['model'], readonly { positions: number; inputs: number; outputs: number }[]>
> = {
  'mlp-200': [
    { positions: 1, inputs: 784, outputs: 200 },
    { positions: 1, inputs: 200, outputs: 200 },
    { positions: 1, inputs: 200, outputs: 10 },
  ],
  'flobc-cnn': [
    { positions: 26 * 26, inputs: 9, outputs: 28 },
    { positions: 1, inputs: 4732, outputs: 128 },
    { positions: 1, inputs: 128, outputs: 16 },
    { positions: 1, inputs: 16, outputs: 10 },
  ],
  lenet5: [
    { positions: 28 * 28, inputs: 25, outputs: 6 },
    { positions: 10 * 10, inputs: 150, outputs: 16 },
    { positions: 1, inputs: 400, outputs: 120 },
    { positions: 1, inputs: 120, outputs: 84 },
    { positions: 1, inputs: 84, outputs: 10 },
  ],
};

/**
 * The matrix products of one step: outputs = inputs x weights, and in training the gradient of the weights and, but for
 * the first layer, of the inputs.
 */
export function products(model: Case['model'], mode: Case['mode'], batch: number): Product[] {
  return matrices[model].flatMap(({ positions, inputs, outputs }, i) => {
    const rows = batch * positions;
    const forward = { m: rows, k: inputs, n: outputs };
    if (mode === 'evaluate') return [forward];
    const ofWeights = { m: inputs, k: rows, n: outputs };
    const ofInputs = { m: rows, k: outputs, n: inputs };
    return i === 0 ? [forward, ofWeights] : [forward, ofWeights, ofInputs];
  });
}
