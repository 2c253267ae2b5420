import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Dataset, type Shard, wholeShard } from './dataset.ts';
import { fitStandardisation, standardise } from './standardise.ts';

const width = 3;

/** Tables of two measured columns and an indicator, with a shard of at least two different rows. */
const shards = fc
  .array(
    fc.tuple(
      fc.integer({ min: -1000, max: 1000 }).map((value) => value / 10),
      fc.constantFrom(0.1, 0.7),
      fc.nat(1),
    ),
    {
      minLength: 2,
      maxLength: 30,
    },
  )
  .chain((rows) =>
    fc.record({ rows: fc.constant(rows), chosen: fc.subarray([...rows.keys()], { minLength: 1 }) }),
  )
  .map(({ rows, chosen }): Shard => {
    const dataset: Dataset = {
      name: 'table',
      size: rows.length,
      shape: [width],
      classes: 256,
      labels: Uint8Array.from(rows.keys()),
      features: Float32Array.from(rows.flat()),
      scale: { mean: 0, deviation: 1 },
      numeric: [0, 1],
    };
    return { dataset, indices: Uint32Array.from(chosen) };
  });

const column = ({ dataset, indices }: Shard, feature: number) =>
  [...indices].map((example) => dataset.features[example * width + feature]!);
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const variance = (values: readonly number[]) => mean(values.map((value) => (value - mean(values)) ** 2));

describe('standardise', () => {
  test('gives each measured column of the shard mean 0 and deviation 1, leaves indicators, keeps labels', () => {
    fc.assert(
      fc.property(shards, (shard) => {
        const result = standardise(shard);
        for (const feature of [0, 1]) {
          const varies = new Set(column(shard, feature)).size > 1;
          expect(mean(column(result, feature))).toBeCloseTo(0, 4);
          expect(variance(column(result, feature))).toBeCloseTo(varies ? 1 : 0, 4);
        }
        expect(column(result, 2)).toEqual(column(shard, 2));
        expect([...result.dataset.labels]).toEqual(
          [...shard.indices].map((example) => shard.dataset.labels[example]),
        );
        expect(result.dataset.size).toBe(shard.indices.length);
        expect(result.dataset.features.buffer).toBeInstanceOf(SharedArrayBuffer);
      }),
    );
  });

  test('is fitted on the rows of the shard alone', () => {
    fc.assert(
      fc.property(shards, (shard) => {
        const others = Float32Array.from(shard.dataset.features);
        for (let example = 0; example < shard.dataset.size; example++)
          if (!shard.indices.includes(example)) others.fill(1e6, example * width, (example + 1) * width);
        expect(fitStandardisation({ ...shard, dataset: { ...shard.dataset, features: others } })).toEqual(
          fitStandardisation(shard),
        );
      }),
    );
  });

  test('a fit of one shard can be used on another', () => {
    const dataset: Dataset = {
      name: 'table',
      size: 3,
      shape: [1],
      classes: 0,
      labels: Float32Array.of(0.5, 1.5, 2.5),
      features: Float32Array.of(2, 4, 10),
      scale: { mean: 0, deviation: 1 },
    };
    const fitted = fitStandardisation({ dataset, indices: Uint32Array.of(0, 1) });
    const result = standardise(wholeShard(dataset), fitted);
    expect([...result.dataset.features]).toEqual([-1, 1, 7]);
    expect(result.dataset.labels).toEqual(Float32Array.of(0.5, 1.5, 2.5));
  });

  test('bytes stay the same bytes under another scale', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 40 }), (bytes) => {
        const size = bytes.length >> 1;
        const features = bytes.subarray(0, 2 * size);
        const dataset: Dataset = {
          name: 'images',
          size,
          shape: [2, 1, 1],
          classes: 1,
          labels: new Uint8Array(size),
          features,
          scale: { mean: 0, deviation: 1 },
        };
        const { scale, features: kept } = standardise(wholeShard(dataset)).dataset;
        expect(kept).toBe(features);
        const values = [...features].map((value) => value / 255);
        expect(scale.mean).toBeCloseTo(mean(values), 10);
        const deviation = Math.sqrt(variance(values));
        expect(scale.deviation).toBeCloseTo(new Set(values).size > 1 ? deviation : 1, 8);
      }),
    );
  });
});
