export {
  type Check,
  chainCheck,
  connectionCheck,
  deadlineCheck,
  type Finding,
  stageCheck,
} from './checks.ts';
export { EventLog } from './event-log.ts';
export { type LogContext, type LogOptions, openLog } from './log.ts';
export { kindOf, measuredBlobs, measuredBus, measuredWorkshop } from './measured.ts';
export { type MetricsOptions, RunMetrics } from './run-metrics.ts';
