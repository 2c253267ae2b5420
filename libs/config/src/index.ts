export { type Environment, environment, plainEnvironment } from './environment.ts';
export { exitCodeOf, exitCodes } from './exit-codes.ts';
export { type ExplainedSetting, explainNode, withoutSecrets } from './explain.ts';
export { type LoadedNode, loadNodeFile, type LoadNodeOptions, parseNodeFile } from './load.ts';
export type { NodeConfig, RunSource } from './resolve.ts';
export { type NodeFile, roles } from './schema.ts';
export { type NodeSecrets, readSecrets } from './secrets.ts';
