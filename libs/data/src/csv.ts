import { basename } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { Fault, nearest } from '#libs/fault';
import { type Dataset, sharedFloats } from './dataset.ts';
import { damaged, readData } from './file.ts';
import { labelArray } from './labels.ts';

/** A table with a header. */
export interface CsvSource {
  readonly kind: 'csv';
  readonly path: string;
  /** A second table with the same columns, in any order, read with the first one's categories and classes. */
  readonly testPath?: string;
  /** Name of the column with the label. */
  readonly label: string;
  /** `class` (default), or `number` for a regression. */
  readonly target?: 'class' | 'number';
  /** The classes in order; absent: those of the file, sorted. Give them where a Trainer may not have them all. */
  readonly classNames?: readonly string[];
  /** What columns are; absent: `number` where the first row holds one, else `category`. */
  readonly columns?: Readonly<Record<string, ColumnKind>>;
  /** Absent: a comma. */
  readonly delimiter?: string;
}

/**
 * `number`: one feature. `category`: one indicator for each value found in the file, sorted; a list: for each value of
 * the list, which all Trainers of a run should share. `ignore`: none.
 */
export type ColumnKind = 'number' | 'category' | 'ignore' | readonly string[];

interface Table {
  readonly file: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The line of the file on which each row ends, from 1. */
  readonly lines: readonly number[];
}

/** What a table's columns become, fixed by the first table and used for all. */
interface Encoding {
  readonly features: readonly { readonly name: string; readonly values?: readonly string[] }[];
  readonly label: string;
  /** Undefined for a regression. */
  readonly classNames: readonly string[] | undefined;
}

/** More values than this, and a column is an identifier or free text rather than a category. */
const mostCategories = 256;

/** @throws Fault `DATA_MISSING`, `DATA_DAMAGED` with row and column, `OPTION_INVALID` for a column that is not there */
export async function loadCsv(
  source: CsvSource,
  obtain: string,
): Promise<{ train: Dataset; test?: Dataset; files: string[] }> {
  const { path, testPath, delimiter = ',' } = source;
  const table = parseTable(await readData(path, obtain), path, delimiter);
  const encoding = chooseEncoding(table, source);
  const train = encode(table, encoding, 'train');
  if (testPath === undefined) return { train, files: [path] };
  const test = encode(parseTable(await readData(testPath, obtain), testPath, delimiter), encoding, 'test');
  return { train, test, files: [path, testPath] };
}

function parseTable(bytes: Uint8Array, file: string, delimiter: string): Table {
  const lines: number[] = [];
  const records = readRecords(bytes, file, delimiter, lines);
  const [header, ...rows] = records;
  if (header === undefined) throw damaged(file, { row: 1 }, 'the file is empty, without even a header');
  if (rows.length === 0) throw damaged(file, { row: 2 }, 'the file holds a header and no rows');
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (twice !== undefined) throw damaged(file, { row: 1, column: twice }, 'the header has this column twice');
  return { file, header, rows, lines: lines.slice(1) };
}

function readRecords(bytes: Uint8Array, file: string, delimiter: string, lines: number[]): string[][] {
  try {
    return parse(bytes, {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      delimiter,
      on_record: (record, { lines: line }) => {
        lines.push(line);
        return record;
      },
    });
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const { lines: row, column } = cause as CsvError & { lines?: number; column?: number | string };
    throw damaged(file, { row: row ?? 1, ...(column !== undefined && { column }) }, cause.message, { cause });
  }
}

function chooseEncoding(
  table: Table,
  { label, target = 'class', classNames, columns = {} }: CsvSource,
): Encoding {
  for (const name of [label, ...Object.keys(columns)]) columnOf(table, name);
  const features = table.header
    .filter((name) => name !== label && columns[name] !== 'ignore')
    .map((name) => {
      const kind =
        columns[name] ?? (isNumber(table.rows[0]![columnOf(table, name)]!) ? 'number' : 'category');
      if (kind === 'number' || kind === 'ignore') return { name };
      return { name, values: kind === 'category' ? valuesOf(table, name) : kind };
    });
  if (features.length === 0)
    throw new Fault('DATA_UNSUITABLE', `${table.file} has no column left beside the label ${label}.`, {
      facts: { file: table.file, columns: table.header },
      hint: 'Is the delimiter right, and is every other column to be ignored?',
    });
  if (target === 'number') return { features, label, classNames: undefined };
  return { features, label, classNames: classNames ?? valuesOf(table, label) };
}

/** The values of a column: numbers in their order, then text in the order of its code units. */
function valuesOf(table: Table, name: string): string[] {
  const at = columnOf(table, name);
  const values = new Set<string>();
  for (const [i, row] of table.rows.entries()) {
    const value = row[at]!;
    if (value === '') throw empty(table, i, name);
    values.add(value);
    if (values.size > mostCategories)
      throw damaged(
        table.file,
        { row: table.lines[i]!, column: name },
        `the column has more than ${mostCategories} different values`,
        {
          hint: 'An identifier or free text is no category: set the column to "ignore", or list its values. A regression sets target to "number".',
        },
      );
  }
  return [...values].sort((a, b) => {
    if (isNumber(a) && isNumber(b)) return Number(a) - Number(b) || (a < b ? -1 : 1);
    return a < b ? -1 : 1;
  });
}

function encode(table: Table, { features, label, classNames }: Encoding, split: string): Dataset {
  const size = table.rows.length;
  const featureNames = features.flatMap(
    ({ name, values }) => values?.map((value) => `${name}=${value}`) ?? [name],
  );
  const width = featureNames.length;
  const array = sharedFloats(size * width);
  const numeric: number[] = [];
  let at = 0;
  for (const { name, values } of features) {
    if (values) {
      for (const [i, code] of readCodes(table, name, values).entries()) array[i * width + at + code] = 1;
      at += values.length;
    } else {
      for (const [i, value] of readNumbers(table, name).entries()) array[i * width + at] = value;
      numeric.push(at++);
    }
  }
  const labels = classNames
    ? {
        classes: classNames.length,
        labels: labelArray(readCodes(table, label, classNames), classNames.length, table.file),
        classNames,
      }
    : { classes: 0, labels: readNumbers(table, label) };
  const name = `${basename(table.file)}/${split}`;
  return {
    name,
    size,
    shape: [width],
    ...labels,
    features: array,
    scale: { mean: 0, deviation: 1 },
    featureNames,
    numeric,
  };
}

/** Every cell of a column as the position of its value. */
function readCodes(table: Table, name: string, values: readonly string[]): number[] {
  const codes = new Map(values.map((value, code) => [value, code]));
  const at = columnOf(table, name);
  return table.rows.map((row, i) => {
    const value = row[at]!;
    if (value === '' && !codes.has('')) throw empty(table, i, name);
    const code = codes.get(value);
    if (code !== undefined) return code;
    const near = nearest(value, values);
    throw damaged(
      table.file,
      { row: table.lines[i]!, column: name },
      `the value ${JSON.stringify(value)} is none of the column's ${values.length}`,
      {
        hint:
          near === undefined
            ? `Known are ${values.slice(0, 20).join(', ')}.`
            : `Is ${JSON.stringify(near)} meant?`,
      },
    );
  });
}

/** Every cell of a column as a float32. */
function readNumbers(table: Table, name: string): Float32Array {
  const at = columnOf(table, name);
  const numbers = sharedFloats(table.rows.length);
  for (const [i, row] of table.rows.entries()) {
    const cell = row[at]!;
    if (cell === '') throw empty(table, i, name);
    numbers[i] = isNumber(cell) ? Number(cell) : NaN;
    if (!Number.isFinite(numbers[i]))
      throw damaged(
        table.file,
        { row: table.lines[i]!, column: name },
        `${JSON.stringify(cell)} is not a finite number`,
        {
          hint: 'Mend the cell; or is the column a category, or to be ignored?',
        },
      );
  }
  return numbers;
}

/** Decimal notation only: what Number() takes beyond it (hexadecimal, "Infinity", an empty cell) is damage in a table. */
function isNumber(cell: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell);
}

function empty(table: Table, row: number, column: string): Fault {
  return damaged(table.file, { row: table.lines[row]!, column }, 'the cell is empty', {
    hint: 'Fill it, drop the row, or set the column to "ignore".',
  });
}

function columnOf({ file, header }: Table, name: string): number {
  const at = header.indexOf(name);
  if (at >= 0) return at;
  const near = nearest(name, header);
  throw new Fault('OPTION_INVALID', `${file} has no column ${JSON.stringify(name)}.`, {
    facts: { file, column: name, columns: header },
    hint: near === undefined ? `Its columns are ${header.join(', ')}.` : `Is ${JSON.stringify(near)} meant?`,
  });
}
