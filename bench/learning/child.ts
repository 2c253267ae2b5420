// One worker in a process of its own; told what to do by messages.
import { loadDataset } from '#libs/data';
import type { Case } from './arithmetic.ts';
import { product } from './contenders.ts';

const { train, test } = await loadDataset('mnist');
const contender = product({ train, test: test! }, 1, 'compiled');
process.on('message', (which: Case) => {
  void contender.rate(which).then(() => process.send!('done'));
});
process.send!('ready');
