import { closeSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';

/** More than this is written without waiting for a flush. */
const mostChars = 1 << 20;

/** A file that lines are added to. */
export class GrowingText {
  readonly #file: number;
  #sizeBytes: number;
  #waiting: string[] = [];
  #waitingChars = 0;

  /** What is beyond the first `sizeBytes` is cut off. */
  constructor(path: string, sizeBytes: number) {
    this.#file = openSync(path, sizeBytes === 0 ? 'w' : 'r+');
    this.#sizeBytes = sizeBytes;
    if (sizeBytes > 0) ftruncateSync(this.#file, sizeBytes);
  }

  get isEmpty(): boolean {
    return this.#sizeBytes === 0 && this.#waitingChars === 0;
  }

  /** Without what waits. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  add(line: string): void {
    this.#waiting.push(line, '\n');
    this.#waitingChars += line.length + 1;
    if (this.#waitingChars > mostChars) this.flush();
  }

  flush(): void {
    if (this.#waitingChars === 0) return;
    const bytes = Buffer.from(this.#waiting.join(''));
    this.#waiting = [];
    this.#waitingChars = 0;
    // A write may take less than it was given.
    for (let done = 0; done < bytes.length;) {
      const written = writeSync(this.#file, bytes, done, bytes.length - done, this.#sizeBytes);
      done += written;
      this.#sizeBytes += written;
    }
  }

  /** Resolves what `flush` wrote against a loss of power, too. */
  sync(): void {
    fsyncSync(this.#file);
  }

  close(): void {
    this.flush();
    closeSync(this.#file);
  }
}
