/** Every code a {@link Fault} can carry; each has a page `docs/errors/CODE.md`. */
export const faultCodes = [
  'BLOBS_FULL',
  'BLOBS_REFUSED',
  'BLOBS_UNREACHABLE',
  'BUILD_DIFFERS',
  'BUS_REFUSED',
  'BUS_UNREACHABLE',
  'CHAIN_CONTRACT_MISSING',
  'CHAIN_GAS_UNFUNDED',
  'CHAIN_NONCE_TAKEN',
  'CHAIN_REFUSED',
  'CHAIN_REVERTED_UNKNOWN',
  'CHAIN_REWOUND',
  'CHAIN_UNREACHABLE',
  'CONSORTIUM_INVALID',
  'CONTROL_FILE_INVALID',
  'DATASET_UNKNOWN',
  'DATA_DAMAGED',
  'DATA_MISSING',
  'DATA_UNSUITABLE',
  'JOURNAL_IN_USE',
  'KEY_INVALID',
  'MEMBER_REFUSED',
  'MODEL_INVALID',
  'MODEL_NOT_COVERED',
  'NETWORK_INVALID',
  'NODE_FILE_INVALID',
  'NODE_FILE_MISSING',
  'OPTION_INVALID',
  'PARTITION_IMPOSSIBLE',
  'PLAN_INVALID',
  'POLICY_NOT_COMPILED',
  'POLICY_UNKNOWN',
  'QUEUE_UNREACHABLE',
  'RESULTS_INVALID',
  'RUN_CONFIGURATION_DIFFERS',
  'RUN_FILE_INVALID',
  'RUN_FILE_MISSING',
  'RUN_FOLDER_INVALID',
  'RUN_FOLDER_TAKEN',
  'RUN_UNKNOWN',
  'RUN_UNVERIFIABLE',
  'SERVER_FAILED',
  'SERVER_MISSING',
  'SWEEP_FILE_INVALID',
  'SWEEP_FOLDER_TAKEN',
  'TIMED_OUT',
  'TRAINING_DIVERGED',
  'TRIAL_FAILED',
  'WORKER_DIED',
] as const;

export type FaultCode = (typeof faultCodes)[number];

/**
 * The world failed, or somebody handed in what cannot be used: the one exception class of the project. (What the
 * protocol refuses is a value, not a fault.)
 *
 * - `message`: one sentence that names the place.
 * - `facts`: the evidence, for machines.
 * - `hint`: what to do about it.
 */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly hint: string;

  constructor(
    code: FaultCode,
    message: string,
    { facts = {}, hint, cause }: { facts?: Record<string, unknown>; hint: string; cause?: unknown },
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.facts = facts;
    this.hint = hint;
  }
}

/** True for a {@link Fault}. One that came from another thread lost its class on the way and has to be made anew. */
export function isFault(error: unknown): error is Fault {
  return error instanceof Fault;
}
