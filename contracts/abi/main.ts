// Compiles the contracts and writes what libs/evm needs of them: ABIs as types, bytecode, enumerations.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHardhatRuntimeEnvironment } from 'hardhat/hre';
import config from '../hardhat.config.ts';
import {
  type Artifact,
  fileOf,
  renderContract,
  renderEnumerations,
  renderIndex,
  renderOrigin,
} from './render.ts';
import { digestOfFiles, digestOfSources, root, soliditySources, target } from './sources.ts';

const contracts = [
  'BondRegistry',
  'EmaPolicy',
  'FlatPolicy',
  'FlobcPolicy',
  'FlobcToken',
  'ProportionalPolicy',
  'RewardVault',
  'RunLedger',
  'RunSettlement',
];

const before = digestOfSources();
const hre = await createHardhatRuntimeEnvironment(config, {}, root);
await hre.tasks.getTask('build').run({ quiet: true, noTests: true });

const files = new Map<string, string>();
for (const contract of contracts) {
  files.set(fileOf(contract), renderContract((await hre.artifacts.readArtifact(contract)) as Artifact));
}
files.set('enumerations.ts', renderEnumerations(soliditySources()));
files.set('index.ts', renderIndex(contracts));
if (digestOfSources() !== before)
  throw new Error('contracts/src changed while it was compiled: run this again');

mkdirSync(target, { recursive: true });
for (const old of readdirSync(target)) rmSync(join(target, old));
for (const [name, text] of files) writeFileSync(join(target, name), text);
writeFileSync(join(target, 'origin.ts'), renderOrigin(before, digestOfFiles(files)));
