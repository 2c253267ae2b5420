const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** 1234567 as 1,234,567. */
export const count = (value: number): string => grouped.format(value);

/** 0.9741 as 97.41 %. */
export const percent = (share: number, digits = 2): string => `${(100 * share).toFixed(digits)} %`;

/** A trust, in billionths, as a share of 1. */
export const trust = (billionths: number): string => (billionths / 1e9).toFixed(3);

/** Basis points with their sign. */
export const signed = (value: number): string => (value > 0 ? `+${value}` : String(value));

/** A loss, readable also where it has grown out of bounds. */
export function loss(value: number): string {
  return Math.abs(value) < 1000 ? value.toFixed(4) : value.toExponential(2);
}

const weiDecimals = 18;

/** Tokens with their sign, rounded half away from zero. What is not nothing keeps its sign where it rounds to nothing. */
export function tokens(wei: bigint, digits = 3): string {
  const magnitude = wei < 0n ? -wei : wei;
  const unit = 10n ** BigInt(weiDecimals - digits);
  const units = (magnitude + unit / 2n) / unit;
  const scale = 10n ** BigInt(digits);
  const whole = (units / scale).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  const part = (units % scale).toString().padStart(digits, '0');
  const sign = wei < 0n ? '-' : wei > 0n ? '+' : '';
  return `${sign}${whole}.${part}`;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A time span in the two units that matter. */
export function duration(ms: number): string {
  if (ms < second) return `${Math.round(ms)} ms`;
  if (ms < 10 * second) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < minute) return `${Math.floor(ms / second)} s`;
  if (ms < hour) return inTwo(ms, minute, 'min', second, 's');
  if (ms < day) return inTwo(ms, hour, 'h', minute, 'min');
  return inTwo(ms, day, 'd', hour, 'h');
}

function inTwo(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small);
  return `${count(Math.floor(ms / large))} ${largeName} ${String(rest).padStart(2, '0')} ${smallName}`;
}
