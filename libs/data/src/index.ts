export type { CifarSource } from './cifar.ts';
export type { ColumnKind, CsvSource } from './csv.ts';
export { checkDataset, checkShard } from './check.ts';
export {
  type Dataset,
  exampleLength,
  type Scale,
  type Shard,
  sharedBytes,
  sharedFloats,
  sharedIndices,
  wholeShard,
} from './dataset.ts';
export { type DatasetFacts, datasetFacts, type FileFacts, type Moments, type SplitFacts } from './facts.ts';
export type { MnistSource } from './mnist.ts';
export type { NpySource } from './npy.ts';
export { type Partition, partition } from './partition.ts';
export { type PartitionKind, partitionKinds, type PartitionPlan } from './plan.ts';
export {
  type DatasetEntry,
  datasetEntry,
  type DatasetKind,
  datasets,
  type DatasetSource,
  isInstalled,
  loadDataset,
  type LoadedDataset,
} from './registry.ts';
export { fitStandardisation, type Standardisation, standardise } from './standardise.ts';
