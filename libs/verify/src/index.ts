export type { FreshChain, OpenFreshChain } from './chain/fresh-chain.ts';
export type { Money } from './chain/money.ts';
export { type Difference, sentenceOf } from './difference.ts';
export type { Counts, Report } from './report.ts';
export type { Progress, VerifyOptions } from './options.ts';
export { type Verification, verifyRunFolder } from './verify.ts';
