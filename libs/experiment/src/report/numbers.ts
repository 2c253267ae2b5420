import { metricInfo, type Unit } from '../results/catalogue.ts';

/** How a figure is written for people: as what, times how much, with how many decimal places. */
const forms: Readonly<
  Record<Unit, { readonly unit: string; readonly factor: number; readonly digits: number }>
> = {
  share: { unit: '%', factor: 100, digits: 2 },
  count: { unit: '', factor: 1, digits: 1 },
  seconds: { unit: 's', factor: 1, digits: 1 },
  tokens: { unit: 'tokens', factor: 1, digits: 2 },
  gas: { unit: 'thousand gas', factor: 1e-3, digits: 1 },
  bytes: { unit: 'MB', factor: 1e-6, digits: 2 },
  trust: { unit: '', factor: 1, digits: 3 },
  index: { unit: '', factor: 1, digits: 2 },
  loss: { unit: '', factor: 1, digits: 4 },
};

const formOf = (metric: string) => forms[metricInfo(metric)?.unit ?? 'index'];

/** `%`, `MB`; empty where there is none. */
export const unitOf = (metric: string): string => formOf(metric).unit;

/** 93.42, in the unit of the figure; a dash for what is not there. */
export function written(metric: string, value: number, isSigned = false): string {
  if (!Number.isFinite(value)) return '-';
  const { factor, digits } = formOf(metric);
  const text = (value * factor).toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return isSigned && value > 0 ? `+${text}` : text;
}

/** 93.42 ± 0.31; of one value there is no interval, and that is said. */
export function withInterval(
  metric: string,
  mean: number,
  half: number,
  n: number,
  isSigned = false,
): string {
  if (n === 0) return '-';
  return `${written(metric, mean, isSigned)} ${n < 2 ? '(one)' : `± ${written(metric, half)}`}`;
}

/** 3 min 20 s; 2 h 05 min. */
export function spanText(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}
