export { RealDevice, type WorkDone } from './device.ts';
export { FileJournal } from './file-journal.ts';
export { findRun } from './find-run.ts';
export { FollowedRun, type Following } from './followed-run.ts';
export { type Seated, seatTrainer, seatValidator, type Standing } from './hosted-nodes.ts';
export { Inbox } from './inbox.ts';
export { groundOfNode, type NodeGround, type NodeGroundOptions, type Place } from './node-ground.ts';
export { realClock } from './real-clock.ts';
export { Tests } from './tests.ts';
