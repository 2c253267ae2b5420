export type * from './ledger/events.ts';
export type * from './ledger/ledger.ts';
export type * from './ledger/values.ts';
export { ledgerCases, type LedgerCase } from './ledger/suite/cases.ts';
export { watchingCases } from './ledger/suite/watching.ts';
export { type Actor, done, type LedgerWorld, only, Stage } from './ledger/suite/stage.ts';
export { Following, followToHead, keyOf, Watching } from './ledger/suite/following.ts';
