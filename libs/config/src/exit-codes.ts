import { type FaultCode, isFault } from '#libs/fault';

/** What the process of a node says when it ends, to whoever has started it. */
export const exitCodes = {
  /** It was asked to. */
  asked: 0,
  /** What it was told is wrong: starting it again changes nothing. */
  misconfigured: 2,
  /** Something in the world has failed: start it again (EX_TEMPFAIL of sysexits.h). */
  tryAgain: 75,
} as const;

/** Faults that last until somebody changes what the node is told. */
const lasting: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'DATASET_UNKNOWN',
  'DATA_DAMAGED',
  'DATA_MISSING',
  'DATA_UNSUITABLE',
  'KEY_INVALID',
  'MEMBER_REFUSED',
  'MODEL_INVALID',
  'MODEL_NOT_COVERED',
  'NODE_FILE_INVALID',
  'NODE_FILE_MISSING',
  'OPTION_INVALID',
  'PARTITION_IMPOSSIBLE',
  'PLAN_INVALID',
  'POLICY_UNKNOWN',
  'RUN_CONFIGURATION_DIFFERS',
  'RUN_FILE_INVALID',
  'RUN_FILE_MISSING',
]);

/** The exit code for what has ended a node. */
export const exitCodeOf = (error: unknown): number =>
  isFault(error) && lasting.has(error.code) ? exitCodes.misconfigured : exitCodes.tryAgain;
