import { readFile } from 'node:fs/promises';
import { Fault } from '#libs/fault';

/** Where in a file something is wrong: a byte offset, or a row (the line, from 1) and a column of a table. */
export type Place = { readonly byte: number } | { readonly row: number; readonly column?: string | number };

/**
 * The bytes of a data file.
 *
 * @param obtain what a person does to have the file, the hint of the fault
 * @throws Fault `DATA_MISSING` where the file cannot be read
 */
export async function readData(path: string, obtain: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const message =
      code === 'ENOENT'
        ? `There is no file ${path}.`
        : `${path} cannot be read (${code ?? 'unknown reason'}).`;
    throw new Fault('DATA_MISSING', message, { facts: { file: path, reason: code }, hint: obtain, cause });
  }
}

/** The fault of a file that is not what it should be; nothing that was read from it is to be used. */
export function damaged(
  file: string,
  place: Place,
  problem: string,
  { hint = 'Get the file again, or name the right one.', cause }: { hint?: string; cause?: unknown } = {},
): Fault {
  return new Fault('DATA_DAMAGED', `${file}, ${describePlace(place)}: ${problem}.`, {
    facts: { file, ...place },
    hint,
    cause,
  });
}

function describePlace(place: Place): string {
  if ('byte' in place) return `byte ${place.byte}`;
  return place.column === undefined
    ? `row ${place.row}`
    : `row ${place.row}, column ${JSON.stringify(place.column)}`;
}
