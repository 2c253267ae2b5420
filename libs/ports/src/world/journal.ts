/**
 * What a node has to find again after it was killed: statements by slot, keys of sealed updates, salts of ballots. What
 * is in it was there before anybody else could see it.
 */
export interface Journal {
  get(key: string): Uint8Array | undefined;
  /** Resolves when the entry would survive a crash. An entry is written once: a second `put` of a key does nothing. */
  put(key: string, bytes: Uint8Array): Promise<void>;
}
