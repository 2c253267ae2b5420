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
