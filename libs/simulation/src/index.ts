export { trainerConduct, validatorConduct } from './hostile/index.ts';
export { type Crash, type NetworkModel, type Partition, perfectNetwork } from './network/model.ts';
export { MemoryBlobs, type Moved } from './network/memory-blobs.ts';
export { MemoryBus, type MemoryBusOptions } from './network/memory-bus.ts';
export { MemoryJournal } from './network/memory-journal.ts';
export { Network, type Sending } from './network/network.ts';
export { costMs, simulatedWorkshop } from './network/workshop.ts';
export { VirtualTime } from './time/virtual-time.ts';
export { type Actor, bytesFrom, castOf, keyOf, privateKeyOf } from './run/cast.ts';
export { deploy, type Deployment, found, type Founding, planOf, protocolConfigOf } from './run/deployment.ts';
export { type Ground, type GroundOptions, layGround, layOwnGround, type OwnGround } from './run/ground.ts';
export type {
  ActorResult,
  CastMember,
  LocalRecord,
  RoundRecord,
  RunInProgress,
  RunObserver,
  RunResult,
} from './run/observer.ts';
export { Keeper } from './run/keeper.ts';
export { recallFor, trainingOf, votingOf, type Workplace } from './run/recipes.ts';
export { actorResult } from './run/result.ts';
export { type Meters, Recorder, tested, type Untested } from './run/recorder.ts';
export { runPlan } from './run/run-plan.ts';
export type { OpenChain, SimulationOptions } from './run/simulate.ts';
export { WorkCache } from './run/work-cache.ts';
