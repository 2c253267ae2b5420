import { parentPort, workerData } from 'node:worker_threads';
import { soak, type SoakResult } from './soak.ts';

const { first, every, seeds } = workerData as { first: number; every: number; seeds: number };
const results: SoakResult[] = [];
for (let seed = first; seed < seeds; seed += every) results.push(soak(seed));
parentPort?.postMessage(results);
