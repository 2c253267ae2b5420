import { z } from 'zod';
import { type Finding, findingsOf, unknownKey } from './problems.ts';

/**
 * What each key of a file holds, where that is in order, and what is wrong with the others: each by itself, so that a mistake in
 * one does not hide those in the others.
 */
export function sectionsOf<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  value: Readonly<Record<string, unknown>>,
): { readonly sections: Partial<z.output<z.ZodObject<Shape>>>; readonly findings: readonly Finding[] } {
  const sections: Record<string, unknown> = {};
  const findings: Finding[] = Object.keys(value)
    .filter((key) => !Object.hasOwn(schema.shape, key))
    .map((key) => unknownKey(schema, value, [], key));
  for (const [key, field] of Object.entries(schema.shape)) {
    const parsed = z.safeParse(field, value[key]);
    if (parsed.success) sections[key] = parsed.data;
    else findings.push(...findingsOf(parsed.error.issues, schema, value, [key]));
  }
  return { sections: sections as Partial<z.output<z.ZodObject<Shape>>>, findings };
}
