import { createHash } from 'node:crypto';
import type { Digest } from '#libs/protocol';

/** One thing that a port promises; it stands alone, on a world that others may have used. */
export interface PortCase<World> {
  readonly name: string;
  /** @throws AssertionError if the port does not do what it promises. */
  run(world: World): Promise<void>;
}

/** A world in which what was begun takes time, and a test waits for it without knowing how time passes there. */
export interface Settling {
  /** Resolves when everything that is under way has arrived. */
  settle(): Promise<void>;
}

/** What a promise comes to, in a world that moves only when it is told to. */
export async function settled<T>(world: Settling, promise: Promise<T>): Promise<T> {
  const [value] = await Promise.all([promise, world.settle()]);
  return value;
}

let names = 0;

/** A name that no other case uses: of a site, a subject, a node. */
export const fresh = (what: string): string => `${what}-${++names}`;

/** Bytes that look like nothing else, the same for the same name. */
export function bytesOf(name: string, sizeBytes: number): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let i = 0; 32 * i < sizeBytes; i++) blocks.push(createHash('sha256').update(`${name} ${i}`).digest());
  return new Uint8Array(Buffer.concat(blocks).subarray(0, sizeBytes));
}

export const addressOf = (bytes: Uint8Array): Digest =>
  `0x${createHash('sha256').update(bytes).digest('hex')}`;
