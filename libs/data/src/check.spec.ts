import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkDataset, checkShard } from './check.ts';
import { type Dataset, wholeShard } from './dataset.ts';

const table: Dataset = {
  name: 'table/train',
  size: 4,
  shape: [2],
  classes: 3,
  labels: Uint8Array.of(0, 1, 2, 0),
  features: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  scale: { mean: 0, deviation: 1 },
};

describe('checkDataset and checkShard', () => {
  test('let pass what can be used', () => {
    checkDataset(table);
    checkShard(wholeShard(table));
    checkDataset({ ...table, classes: 0, labels: Float32Array.of(-1, 0.5, 1e30, 0) });
    checkDataset({ ...table, features: new Uint8Array(8) });
  });

  test('name dataset and example of the first value that is not finite; a shard without it passes', () => {
    fc.assert(
      fc.property(fc.nat(7), fc.constantFrom(NaN, Infinity, -Infinity), (at, value) => {
        const features = Float32Array.from(table.features);
        features[at] = value;
        const dataset = { ...table, features };
        const example = at >> 1;
        const fault = expect.objectContaining({
          code: 'DATA_UNSUITABLE',
          message: `table/train: example ${example} has the value ${value} as feature ${at % 2}.`,
          facts: { dataset: 'table/train', example, feature: at % 2, value: String(value) },
        }) as Error;
        expect(() => {
          checkDataset(dataset);
        }).toThrow(fault);
        expect(() => {
          checkShard({ dataset, indices: Uint32Array.of((example + 1) % 4, example) });
        }).toThrow(fault);
        checkShard({ dataset, indices: Uint32Array.of((example + 1) % 4) });
      }),
    );
  });

  test('name the example whose label is out of range', () => {
    fc.assert(
      fc.property(fc.nat(3), fc.constantFrom(3, 255, -1, 0.5, NaN), (example, label) => {
        const labels = Float32Array.from(table.labels);
        labels[example] = label;
        expect(() => {
          checkDataset({ ...table, labels });
        }).toThrow(`table/train: example ${example} has the label ${label}, and labels are 0 to 2.`);
      }),
    );
    expect(() => {
      checkDataset({ ...table, classes: 0, labels: Float32Array.of(0, 1, NaN, 2) });
    }).toThrow('table/train: example 2 has the target NaN.');
  });

  test.each([
    [
      'an empty shard',
      () => {
        checkShard({ dataset: table, indices: new Uint32Array() });
      },
      'the shard holds no examples',
    ],
    [
      'an index beyond the dataset',
      () => {
        checkShard({ dataset: table, indices: Uint32Array.of(1, 4) });
      },
      'the shard names example 4, and there are 4',
    ],
    [
      'an empty dataset',
      () => {
        checkDataset({ ...table, size: 0, labels: new Uint8Array(), features: new Float32Array() });
      },
      'there are no examples',
    ],
    [
      'labels missing',
      () => {
        checkDataset({ ...table, labels: new Uint8Array(3) });
      },
      'there are 3 labels for 4 examples',
    ],
    [
      'another shape',
      () => {
        checkDataset({ ...table, shape: [3] });
      },
      '4 examples of shape [3] are 12 values, not 8',
    ],
    [
      'half a class',
      () => {
        checkDataset({ ...table, classes: 1.5 });
      },
      '1.5 is no number of classes',
    ],
    [
      'no deviation',
      () => {
        checkDataset({ ...table, scale: { mean: 0, deviation: 0 } });
      },
      'a scale of mean 0 and deviation 0 has no use',
    ],
  ])('refuse %s', (_what, check, problem) => {
    expect(check).toThrow(
      expect.objectContaining({ code: 'DATA_UNSUITABLE', message: `table/train: ${problem}.` }),
    );
  });
});
