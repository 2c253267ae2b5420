import { cut, join, line, pad, widthOf, type Line } from './line.ts';

export interface Column<Row> {
  readonly title: string;
  /** Numbers go to the right. */
  readonly align?: 'left' | 'right';
  /** Columns do not move while what is in them changes. */
  readonly least?: number;
  /** Where there is no room for all, the highest goes first; absent: never. */
  readonly dispensable?: number;
  readonly cell: (row: Row) => Line;
}

export interface Laid {
  readonly head: Line;
  readonly body: readonly Line[];
}

const gap = '  ';

/** Rows in columns as wide as what is in them, in at most `width`; without those that do not fit and can be spared. */
export function layOut<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, ellipsis }: { width: number; ellipsis: string },
): Laid {
  let laid = columns.map((column) => ({ column, ...measure(column, rows) }));
  const isTooWide = () => laid.reduce((sum, of) => sum + of.width, gap.length * (laid.length - 1)) > width;
  while (isTooWide() && laid.some(({ column }) => column.dispensable !== undefined)) {
    const most = Math.max(...laid.map(({ column }) => column.dispensable ?? 0));
    laid = laid.filter(({ column }) => column.dispensable !== most);
  }
  const inOne = (cells: readonly Line[]) =>
    cut(
      join(
        cells.map((cell, i) => pad(cell, laid[i]!.width, laid[i]!.column.align)),
        gap,
      ),
      width,
      ellipsis,
    );
  return {
    head: inOne(laid.map(({ column }) => line(column.title, 'faint'))),
    body: rows.map((_, i) => inOne(laid.map(({ cells }) => cells[i]!))),
  };
}

function measure<Row>(column: Column<Row>, rows: readonly Row[]): { cells: Line[]; width: number } {
  const cells = rows.map(column.cell);
  const width = Math.max(column.least ?? 0, column.title.length, ...cells.map(widthOf));
  return { cells, width };
}
