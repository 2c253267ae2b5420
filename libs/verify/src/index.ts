export type { FreshChain, OpenFreshChain } from './chain/fresh-chain.ts';
export type { Money } from './chain/money.ts';
export { type Difference, sentenceOf } from './difference.ts';
export type { Counts, Report } from './report.ts';
export { type Progress, type Verification, type VerifyOptions, verifyRunFolder } from './verify.ts';
