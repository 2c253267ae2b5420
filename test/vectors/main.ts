// Writes the vectors that TypeScript and Solidity share: node --conditions=source test/vectors/main.ts
import { writeFileSync } from 'node:fs';
import { tallyFile } from './tally.ts';

writeFileSync(new URL('tally.json', import.meta.url), tallyFile());
