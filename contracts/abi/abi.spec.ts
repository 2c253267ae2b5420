import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { origin } from '../../libs/evm/src/abi/origin.ts';
import { digestOfFiles, digestOfSources, target } from './sources.ts';

const remedy = 'run `node contracts/abi/main.ts`';

it('the ABIs of libs/evm are those of contracts/src', () => {
  expect(digestOfSources(), `contracts/src, its settings or its compiler changed: ${remedy}`).toBe(
    origin.sources,
  );
});

it('nobody has edited the generated files', () => {
  const names = readdirSync(target).filter((name) => name !== 'origin.ts');
  const files = new Map(names.map((name) => [name, readFileSync(join(target, name), 'utf8')]));
  expect(digestOfFiles(files), `a file in libs/evm/src/abi is not what the compiler put out: ${remedy}`).toBe(
    origin.files,
  );
});
