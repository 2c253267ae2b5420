import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Work } from '#libs/ports';

/**
 * Results of work that took long, on disk as long as their run has not ended. A simulation is a function of its plan, so
 * a run that was stopped, however suddenly, goes on by being run again from its beginning, with the results of its
 * trainings and scorings looked up instead of worked out.
 */
export class WorkCache {
  readonly #folder: string;
  #found = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Results that were looked up. */
  get found(): number {
    return this.#found;
  }

  /** The result of the n-th work of an actor's, looked up or worked out. */
  async once<T>(actor: string, { kind }: Pick<Work, 'kind'>, n: number, job: () => Promise<T>): Promise<T> {
    const file = join(this.#folder, actor, `${kind}-${n}`);
    if (existsSync(file)) {
      this.#found++;
      return deserialize(readFileSync(file)) as T;
    }
    const result = await job();
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.partial`, serialize(result));
    renameSync(`${file}.partial`, file);
    return result;
  }

  /** The run has ended: nobody will ask again. */
  drop(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
