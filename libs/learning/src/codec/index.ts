export type { CodecCode, CodecRefusal } from './codec.ts';
export type { Decoded, Encoded } from './container.ts';
export type { Metadata } from './header.ts';
export { type CodecName, codecNames, decode, encode, isExact, maxSizeBytes } from './registry.ts';
