export {
  type Admit,
  admissionOf,
  type AdmissionOptions,
  defaultAdmission,
  type Refused,
} from './admission.ts';
export { NatsBlobs, type NatsBlobsOptions } from './blobs.ts';
export { type Budget } from './budget.ts';
export {
  type BusCounts,
  NatsBus,
  type NatsBusOptions,
  type RunOptions,
  type StreamBusOptions,
} from './bus.ts';
export { type Claim, claimRun, forgetRun, ownerOfRun } from './claim-run.ts';
export type { ConsumerOptions, Setback, StreamMessage } from './consumer.ts';
export type { RefusedCounts } from './gate.ts';
export { type Heard, lastHeard } from './last-heard.ts';
export { type LinkOptions, type LinkState, type LinkTls, NatsLink, openNats, type Traffic } from './link.ts';
export { bucketOf, streamOf, streamOfBucket } from './names.ts';
export {
  type BucketLimits,
  defaultLimits,
  prepareRun,
  type PrepareOptions,
  type RunLimits,
} from './prepare-run.ts';
export { NatsPublisher, type PublisherOptions } from './publisher.ts';
export { JetStreamContext, JetStreamStrategy, type StrategyEvents } from './strategy.ts';
export {
  type Authority,
  type CertificateOptions,
  createAuthority,
  issueCertificate,
  type KeyedCertificate,
  type Validity,
} from './security/authority.ts';
export { readTls, type TlsFiles } from './security/tls-files.ts';
export { createNKey, type NKey, publicKeyOf } from './security/nkey.ts';
export { linkNameOf, type NatsUser, type Permissions, permissionsOf } from './security/permissions.ts';
export {
  authorizationConfig,
  type ClusterConfig,
  limitsConfig,
  serverConfig,
  type ServerConfig,
  type ServerTls,
  tlsConfig,
} from './security/server-config.ts';
