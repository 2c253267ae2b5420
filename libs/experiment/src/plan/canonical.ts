import { createHash } from 'node:crypto';
import type { Digest } from '#libs/protocol';
import type { RunPlan } from '../run-plan.ts';

/** The spelling of plans that digests are taken of; another one is another version. */
const version = 1;

/** Plain JSON: amounts as decimal text, keys sorted, nothing that is undefined. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The plan as JSON that `manifest.json` holds and `parsePlan` reads. */
export function planJson(plan: RunPlan): Record<string, Json> {
  return { format: 'flobc.plan', plan: jsonOf(plan), version };
}

/** The one text of a plan. */
export function canonicalPlan(plan: RunPlan): string {
  return JSON.stringify(planJson(plan));
}

/**
 * SHA-256 of everything that can change a result; it is on chain and names the run. What the run folder keeps cannot, and
 * is left out: the same run with its models kept has to draw the same committees. See ADR 63.
 */
export function configurationDigest({ keep: _keep, ...plan }: RunPlan): Digest {
  const text = JSON.stringify({ format: 'flobc.plan', plan: jsonOf(plan), version });
  return `0x${createHash('sha256').update(text).digest('hex')}`;
}

function jsonOf(value: unknown): Json {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, field]) => field !== undefined);
    // By code units: another machine's language must not order keys otherwise.
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, field]) => [key, jsonOf(field)]));
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new TypeError(`a ${typeof value} in a plan has no JSON`);
}
