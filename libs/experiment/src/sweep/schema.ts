import { z } from 'zod';

// The sweep file: what people write to vary a run file. Shape, bounds and defaults are here and nowhere else; messages,
// docs/sweeps.md and docs/schemas/sweep.schema.json are made of it. What a run may say is in `run-file/schema.ts`.

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
/** A seed as run files have it: kept as a number where it is one, so that ranges can be written. */
const seed = z.union([z.int().min(0), z.string().min(1).max(256)]);
const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** `[1, 2, 3]`, `1-5`, `[1-5, 9]`: every seed once, in this order. */
const seeds = z
  .union([z.string(), z.array(seed).min(1).max(10_000)])
  .transform((given, context): string[] => {
    const all = new Set<string>();
    for (const entry of Array.isArray(given) ? given : [given]) {
      const [, from, to] = /^(\d{1,9})-(\d{1,9})$/.exec(String(entry)) ?? [];
      if (from === undefined) all.add(String(entry));
      else if (Number(from) <= Number(to) && Number(to) - Number(from) < 10_000)
        for (let at = Number(from); at <= Number(to); at++) all.add(String(at));
      else {
        context.issues.push({ code: 'custom', input: given, message: 'a range' });
        return z.NEVER;
      }
    }
    return [...all];
  })
  .meta({ form: 'a range such as 1-5, or a list of seeds and ranges' });

/** Keys of a run file, written as in --set, and their values. */
const patch = z
  .record(z.string(), z.unknown())
  .meta({ form: 'a mapping from keys of the run file, such as trainers.count, to their values' });

const axis = z
  .union([z.array(z.unknown()).min(1).max(1000), z.record(z.string().min(1).max(64), patch)])
  .meta({
    form: 'a list of values; or a mapping from names to what each sets, such as 5:5: { trainers: 5, validators: 5 }',
  });

export const sweepFile = z.strictObject({
  name: name
    .meta({ form: 'a name of letters, digits, dots, hyphens and underscores, at most 64' })
    .describe('Of the sweep and of its folder.'),
  question: z.string().min(1).max(2000).optional().describe('What is asked; it heads the report.'),
  reported: z
    .string()
    .min(1)
    .max(2000)
    .optional()
    .describe('What others reported of the same; the report has it beside the results.'),
  differs: z.string().min(1).max(2000).optional().describe('What is not as it was there.'),
  base: z
    .union([z.string().min(1).max(4096), z.record(z.string(), z.unknown())])
    .meta({ form: 'the path of a run file, or what one says' })
    .describe('The run that is varied: the path of a run file, relative to this one, or what one says.'),
  fixed: patch.default({}).describe('Values over those of the base, the same in every trial.'),
  matrix: z
    .record(z.string().min(1).max(128), axis)
    .default({})
    .describe('What is varied: each key is an axis, and every combination of their values is tried.'),
  exclude: z
    .array(z.record(z.string(), z.union([scalar, z.array(scalar)])))
    .default([])
    .meta({ form: 'a list of mappings from axes to values' })
    .describe('Combinations that are left out: those with one of the values on each axis that is named.'),
  seeds: seeds.prefault('1-5').describe('Every combination is run with each of them.'),
  baseline: z
    .record(z.string(), scalar)
    .optional()
    .meta({ form: 'a mapping from axes to values', derived: 'the first value of each axis' })
    .describe(
      'What others are compared with in tables: the combination with these values, and on other axes with their own.',
    ),
  expect: z
    .array(z.string().min(1).max(500))
    .default([])
    .meta({ form: 'a list of texts such as accuracy.final.mean >= 0.97 where hostile = 0' })
    .describe('What has to hold of the results; if it does not, the exit code says so.'),
});

export type SweepSettings = z.output<typeof sweepFile>;
