export { type Bodies, isKind, type Kind, kinds } from './bodies.ts';
export { type Certified, type Checked, openPost, type Post, receiptOf } from './check.ts';
export {
  ballotCommitment,
  certificateParent,
  type DecidedVerdict,
  type EncodedLineup,
  encodeLineup,
  lineupDigest,
  type Merged,
  packVerdict,
  type Place,
  type SaltedBallot,
} from './digests.ts';
export { bytesOf, type Hex, hexOf, packScores, type Signature } from './fields.ts';
export { openSigner, type Signer } from './keys.ts';
export { passwordIn, plainKeyIn, readKeystore } from './keystore.ts';
export {
  contentDigest,
  type Decoded,
  decodeMessage,
  type Draft,
  encodeMessage,
  type Message,
  version,
} from './message.ts';
export { decodeReceipts, encodeReceipts, objectDigest, receiptsRoot } from './objects.ts';
export { type Refusal, type RefusalCode, refusalCodes } from './refusal.ts';
export { maxDepth, maxSizeBytes } from './scan.ts';
export {
  type EventsHeader,
  formatEvent,
  formatEventsHeader,
  formatManifest,
  type Manifest,
  maxLineChars,
  parseEvent,
  parseEventsHeader,
  parseManifest,
  type Read,
} from './run-folder.ts';
export { createPrivateKey, sealKey } from './seal-key.ts';
export { type RunDomain, statementKinds, typedData } from './statements.ts';
export { parseSubject, type Subject, subjectOf, subjectsOf } from './subject.ts';
