// Writes what is computed: the vectors that TypeScript and Solidity share, and the numbers in docs/protocol.md.
// node --conditions=source test/vectors/main.ts
import { writeFileSync } from 'node:fs';
import { writeProtocolPage } from './example.ts';
import { tallyFile } from './tally.ts';

writeFileSync(new URL('tally.json', import.meta.url), tallyFile());
writeProtocolPage();
