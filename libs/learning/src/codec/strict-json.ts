import { quoted } from '../refusal.ts';

/** Deepest nesting that a reader of JSON from strangers goes into. */
const maxDepth = 4;

interface Parsed {
  readonly value: unknown;
}

interface Unreadable {
  readonly problem: string;
}

/**
 * `JSON.parse` for what strangers wrote: no throw, at most four levels deep, and no name twice in an object, where
 * `JSON.parse` would take the last one and other readers the first.
 */
export function parseStrictJson(text: string): Parsed | Unreadable {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'it is not JSON' };
  }
  const problem = tooDeepOrTwice(text);
  return problem === undefined ? { value } : { problem };
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\]]/gu;
const colon = /\s*:/uy;

/** Strings and brackets of a text that is JSON: a string with a colon behind it is a name of the innermost object. */
function tooDeepOrTwice(text: string): string | undefined {
  const names: Set<string>[] = [];
  for (const match of text.matchAll(token)) {
    const [found] = match;
    if (found === '{' || found === '[') {
      if (names.push(new Set()) > maxDepth) return `it is nested deeper than ${maxDepth} levels`;
    } else if (found === '}' || found === ']') {
      names.pop();
    } else {
      colon.lastIndex = match.index + found.length;
      if (!colon.test(text)) continue;
      // Parsed, because "a" has other spellings: an escaped letter is the same letter.
      const name = JSON.parse(found) as string;
      const here = names.at(-1);
      if (here?.has(name)) return `${quoted(name)} is there twice`;
      here?.add(name);
    }
  }
  return undefined;
}
