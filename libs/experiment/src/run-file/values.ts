import { z } from 'zod';
import type { Ratio } from '#libs/protocol';

// Values that people write with a unit or in words. Each says in its `form` what is expected, for messages, for the
// document and for editors.

const msOfUnit = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const durationForm = /^(\d+(?:\.\d+)?) ?(ms|s|min|h|d)$/;

/** Longest duration that the protocol and the ledger take both. */
export const longestMs = 365 * msOfUnit.d;

export function formatDuration(ms: number): string {
  if (ms === 0) return '0 ms';
  const unit = (['d', 'h', 'min', 's'] as const).find((name) => ms % msOfUnit[name] === 0) ?? 'ms';
  return `${ms / msOfUnit[unit]} ${unit}`;
}

/** `20 s`, `500 ms`, `1.5 min`, or a number of ms; the value is in whole ms. */
function durationIn(leastMs: number, mostMs: number, stepMs: number) {
  const form =
    `a duration such as 20 s, 500 ms or 2 min, from ${formatDuration(leastMs)} to ${formatDuration(mostMs)}` +
    (stepMs === 1 ? '' : `, in whole ${stepMs === 1000 ? 'seconds' : formatDuration(stepMs)}`);
  return z
    .union([z.number(), z.string()])
    .transform((given, context) => {
      const ms = typeof given === 'number' ? given : msOf(given);
      if (ms !== undefined && Number.isInteger(ms / stepMs) && ms >= leastMs && ms <= mostMs) return ms;
      context.issues.push({ code: 'custom', input: given, message: form });
      return z.NEVER;
    })
    .meta({ form, unit: 'ms' });
}

function msOf(text: string): number | undefined {
  const [, amount, unit] = durationForm.exec(text.trim()) ?? [];
  if (amount === undefined) return undefined;
  // Decimal places are moved in the text: 0.29 s is 290 ms, which the product of two doubles is not.
  const [whole, places = ''] = amount.split('.') as [string, string?];
  const scaled = BigInt(whole + places) * BigInt(msOfUnit[unit as keyof typeof msOfUnit]);
  const divisor = 10n ** BigInt(places.length);
  return scaled % divisor === 0n ? Number(scaled / divisor) : undefined;
}

export const duration = (leastMs = 0, mostMs = longestMs) => durationIn(leastMs, mostMs, 1);

/** The clock of the ledger counts seconds, and its shortest window is two of them. */
export const ledgerWindow = () => durationIn(2000, longestMs, 1000);

const one = 10n ** 18n;
/** The ledger keeps amounts in 96 bits. */
export const mostWei = 2n ** 96n - 1n;

export function formatTokens(wei: bigint): string {
  const places = (wei % one).toString().padStart(18, '0').replace(/0+$/, '');
  return places === '' ? (wei / one).toString() : `${wei / one}.${places}`;
}

/** Whole tokens in decimal, such as 10 or 0.25; the value is in wei. */
export const tokens = (leastWei = 0n) => {
  const form =
    `an amount of tokens such as 10 or 0.25, at most 18 decimal places, ` +
    (leastWei === 0n ? 'at least 0' : 'above 0');
  return z
    .union([z.number(), z.string()])
    .transform((given, context) => {
      const wei = weiOf(given);
      if (wei !== undefined && wei >= leastWei && wei <= mostWei) return wei;
      context.issues.push({ code: 'custom', input: given, message: form });
      return z.NEVER;
    })
    .meta({ form, unit: 'wei' });
};

function weiOf(given: number | string): bigint | undefined {
  // Beyond 2^53 the digits that were written are lost; such amounts are written in quotes.
  if (typeof given === 'number' && Number.isInteger(given) && !Number.isSafeInteger(given)) return undefined;
  const [, whole, places = ''] = /^(\d{1,30})(?:\.(\d{1,18}))?$/.exec(String(given).trim()) ?? [];
  return whole === undefined ? undefined : BigInt(whole) * one + BigInt(places.padEnd(18, '0'));
}

/** A decimal such as 0.6, or a fraction such as 2/3; the value is exact and reduced. */
export const ratio = (bounds: string, isWithin: (ratio: Ratio) => boolean) => {
  const form = `a number such as 0.6 or 2/3, ${bounds}`;
  return z
    .union([z.number(), z.string()])
    .transform((given, context) => {
      const exact = ratioOf(String(given).trim());
      if (exact && isWithin(exact)) return exact;
      context.issues.push({ code: 'custom', input: given, message: form });
      return z.NEVER;
    })
    .meta({ form, unit: 'ratio' });
};

function ratioOf(text: string): Ratio | undefined {
  const [, n, d = '1'] = /^(\d{1,9})\/(\d{1,9})$/.exec(text) ?? [];
  if (n !== undefined) return reduced(Number(n), Number(d));
  const [, whole, places = ''] = /^(\d{1,9})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  return whole === undefined ? undefined : reduced(Number(whole + places), 10 ** places.length);
}

function reduced(numerator: number, denominator: number): Ratio | undefined {
  if (denominator === 0) return undefined;
  let [a, b] = [numerator, denominator];
  while (b !== 0) [a, b] = [b, a % b];
  const ratio = { numerator: numerator / a, denominator: denominator / a };
  return ratio.numerator <= 1e9 && ratio.denominator <= 1e9 ? ratio : undefined;
}

/** A count, or `all`, which is null. */
export const countOrAll = (most: number) =>
  z
    .union([z.int().min(1).max(most), z.literal('all')])
    .transform((given) => (given === 'all' ? null : given))
    .meta({ form: `a whole number from 1 to ${most.toLocaleString('en')}, or all`, unit: 'orAll' });

/** Positions from 0: numbers, and ranges such as "3-9" with both ends. */
export const positions = z
  .array(z.union([z.int().min(0), z.string()]))
  .min(1)
  .transform((given, context) => {
    const all: number[] = [];
    for (const entry of given) {
      const [, from, to] =
        typeof entry === 'string' ? (/^(\d{1,6})-(\d{1,6})$/.exec(entry) ?? []) : [0, entry, entry];
      if (from === undefined || Number(from) > Number(to)) {
        context.issues.push({ code: 'custom', input: given, message: 'positions such as [0, 3-9]' });
        return z.NEVER;
      }
      for (let at = Number(from); at <= Number(to); at++) all.push(at);
    }
    return all;
  })
  .meta({ form: 'a list of positions from 0, or of ranges of them, such as [0, 3-9]' });

const bytesOfUnit = {
  'B/s': 1,
  'kB/s': 1e3,
  'MB/s': 1e6,
  'kbit/s': 125,
  'Mbit/s': 125e3,
  'Gbit/s': 125e6,
} as const;

/** `100 Mbit/s`, `12.5 MB/s`, or a number of bytes a second; the value is in bytes a second. */
export const bandwidth = z
  .union([z.number(), z.string()])
  .transform((given, context) => {
    const [, amount, unit] = /^(\d+(?:\.\d+)?) ?([kMG]?(?:B|bit)\/s)$/.exec(String(given).trim()) ?? [];
    const factor = unit === undefined ? undefined : (bytesOfUnit as Record<string, number>)[unit];
    const bytes = typeof given === 'number' ? given : Number(amount) * (factor ?? NaN);
    if (Number.isFinite(bytes) && bytes >= 1 && bytes <= 1e12) return bytes;
    context.issues.push({ code: 'custom', input: given, message: 'a bandwidth' });
    return z.NEVER;
  })
  .meta({
    form: 'a bandwidth such as 100 Mbit/s or 12.5 MB/s, or a number of bytes a second, from 1',
    unit: 'bytesPerSecond',
  });

/** A value as a run file writes it. */
export function formatValue(value: unknown, unit: z.GlobalMeta['unit']): string {
  if (unit === 'ms') return formatDuration(value as number);
  if (unit === 'wei') return formatTokens(value as bigint);
  if (unit === 'ratio') return formatRatio(value as Ratio);
  if (unit === 'bytesPerSecond') return formatBandwidth(value as number);
  if (unit === 'orAll' && value === null) return 'all';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function formatRatio({ numerator, denominator }: Ratio): string {
  const decimal = String(numerator / denominator);
  const exact = ratioOf(decimal);
  const isExact = exact?.numerator === numerator && exact.denominator === denominator;
  return isExact ? decimal : `${numerator}/${denominator}`;
}

function formatBandwidth(bytes: number): string {
  const unit = (['Gbit/s', 'Mbit/s', 'kbit/s', 'B/s'] as const).find(
    (name) => bytes % bytesOfUnit[name] === 0,
  );
  return unit === undefined ? `${bytes} B/s` : `${bytes / bytesOfUnit[unit]} ${unit}`;
}

export const probability = () => z.number().min(0).max(1);
