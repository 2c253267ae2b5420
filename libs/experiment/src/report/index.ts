export { type Comparison, compareSweeps, type Difference } from './compare.ts';
export type { Figure } from './figure.ts';
export { htmlOf } from './html.ts';
export { markdownOf, standalone } from './markdown.ts';
export { pngOf } from './png.ts';
export { type Report, reportOf } from './report.ts';
export type { Table } from './tables.ts';
