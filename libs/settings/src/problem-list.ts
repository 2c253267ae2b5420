import type { Merged } from './layers.ts';
import { lineOf, placeOf } from './origins.ts';
import type { Finding, Problem } from './problems.ts';
import { pathText } from './shape.ts';

/** Collects what is wrong with a file, until it is thrown all at once. */
export class Problems {
  /** What was found by its path; where that was said is looked up by `place`. */
  readonly findings: Finding[] = [];
  readonly #problems: Problem[] = [];

  add(path: string, at: string, message: string): void {
    const isKnown = this.#problems.some((known) => known.path === path && known.message === message);
    if (!isKnown) this.#problems.push({ path, at, message });
  }

  /** Looks up where everything that was found was said, and puts it in the order of the file. */
  place({ origins }: Merged): void {
    const placed = this.findings.map(({ path, isKey, message }) => {
      let length = path.length;
      while (length > 0 && !origins.has(pathText(path.slice(0, length)))) length--;
      const origin = origins.get(pathText(path.slice(0, length)))!;
      // What is missing is missing in what is around it, and that is found by its key.
      const ofKey = isKey || length < path.length;
      return { path: pathText(path), at: placeOf(origin, ofKey), line: lineOf(origin, ofKey), message };
    });
    placed.sort((a, b) => a.line - b.line);
    for (const { path, at, message } of placed) this.add(path, at, message);
    this.findings.length = 0;
  }

  /** @param faultOf Makes the fault of "3 things are", their lines, and the problems themselves. */
  failIfAny(faultOf: (count: string, lines: string, problems: readonly Problem[]) => Error): void {
    const problems = this.#problems;
    if (problems.length === 0) return;
    const count = problems.length === 1 ? 'One thing is' : `${problems.length} things are`;
    const lines = problems.map(
      ({ at, path, message }) => `  ${at}  ${path === '' ? '' : `${path}: `}${message}`,
    );
    throw faultOf(count, lines.join('\n'), problems);
  }
}
