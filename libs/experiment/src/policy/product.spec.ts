import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { productParameters, productPolicies } from './product.ts';

const folder = join(import.meta.dirname, '../../../../contracts/src/policies');

/** Contracts that can be deployed, and their constructors' parameters. */
const contracts = readdirSync(folder).flatMap((file) => {
  const text = readFileSync(join(folder, file), 'utf8');
  const [, name] = /^contract (\w+)/m.exec(text) ?? [];
  if (name === undefined) return [];
  const [, parameters = ''] = /constructor\(([^)]*)\)/.exec(text) ?? [];
  return [
    {
      name,
      parameters: parameters
        .split(',')
        .filter(Boolean)
        .map((parameter) => parameter.trim().split(' ')),
    },
  ];
});

test('are those of contracts/src/policies, with their constructors', () => {
  expect(Object.keys(productPolicies).sort()).toEqual(contracts.map(({ name }) => name).sort());
  for (const { name, parameters } of contracts) {
    const known = productPolicies[name]!.parameters;
    expect(known.map((parameter) => `${parameter.name}_`)).toEqual(
      parameters.map(([, parameter]) => parameter),
    );
    expect(known.map(({ bounds }) => (bounds ? 'number' : 'bool'))).toEqual(
      parameters.map(([type]) => (type === 'bool' ? 'bool' : 'number')),
    );
  }
});

test('parameters are given by name and put in order, with defaults for the rest', () => {
  const problems: unknown[] = [];
  const values = productParameters('FlobcPolicy', { resetsAtJoin: false }, 3, (problem) =>
    problems.push(problem),
  );
  expect(values).toEqual([0, false, 333_333_333]);
  expect(problems).toEqual([]);
});
