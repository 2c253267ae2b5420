export { gini } from './gini.ts';
export { hedgesG } from './effect.ts';
export { type Estimate, estimate, studentInterval } from './interval.ts';
export { deviation, mean, median } from './moments.ts';
export { ranks, spearman } from './spearman.ts';
export { studentQuantile } from './student.ts';
