export {
  type Admit,
  admissionOf,
  type AdmissionOptions,
  defaultAdmission,
  type Refused,
} from './admission.ts';
export { NatsBlobs, type NatsBlobsOptions } from './blobs.ts';
export { type Budget } from './budget.ts';
export { type BusCounts, NatsBus, type NatsBusOptions, type StreamBusOptions } from './bus.ts';
export type { ConsumerOptions, Setback, StreamMessage } from './consumer.ts';
export { type LinkOptions, type LinkState, type LinkTls, NatsLink, openNats, type Traffic } from './link.ts';
export { bucketOf, streamOf, streamOfBucket } from './names.ts';
export {
  type BucketLimits,
  defaultLimits,
  prepareRun,
  type PrepareOptions,
  type RunLimits,
} from './prepare-run.ts';
