import type { Hex } from '#libs/wire';

/** The way to a chain: one request, one answer (EIP-1193). What a host is, everything else builds on this. */
export interface Rpc {
  /**
   * @throws {RpcError} if the node answers that it cannot or will not.
   * @throws {Unreached} if there was no answer.
   */
  request(method: string, params: readonly unknown[]): Promise<unknown>;
  close(): Promise<void>;
}

/** The node's own answer to a request that it did not fulfil. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly method: string;
  /** What a contract reverted with, if it was a contract that refused; `0x` if it gave no reason. */
  readonly revertData: Hex | null;

  constructor(method: string, message: string, revertData: Hex | null, cause?: unknown) {
    super(message, { cause });
    this.method = method;
    this.revertData = revertData;
  }
}

/** No answer: the node is not there, or the way to it is broken. The request may have arrived all the same. */
export class Unreached extends Error {
  override readonly name = 'Unreached';
}

/** Revert data in an error object; nodes nest it differently. */
export function revertDataOf(error: unknown): Hex | null {
  for (let at: unknown = error, depth = 0; typeof at === 'object' && at !== null && depth < 4; depth++) {
    const { data } = at as { data?: unknown };
    if (typeof data === 'string' && data.startsWith('0x')) return data as Hex;
    at = data;
  }
  return null;
}
