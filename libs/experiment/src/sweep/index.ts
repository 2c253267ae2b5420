export { type Axis, type Choice, type Combination } from './matrix.ts';
export { type Expectation, isAbout } from './expectations.ts';
export { type Attack, attacks, batteryText, honestLabel } from './battery.ts';
export { loadSweepFile, parseSweepFile } from './load.ts';
export { type Cell, cellTitle, type Sweep, type Trial, trialName, trialTitle } from './sweep.ts';
export { type Arithmetic, arithmeticOf, type Throughput, workSeconds } from './work.ts';
