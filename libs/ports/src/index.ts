export type * from './ledger/events.ts';
export type * from './ledger/ledger.ts';
export type * from './ledger/values.ts';
