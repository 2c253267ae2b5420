import { readFileSync } from 'node:fs';
import { Fault } from '#libs/fault';
import { type ActorId, isActor } from '#libs/protocol';
import { z } from 'zod';

/** `sponsor` pays the run and may pause and finish it; `operator` makes the streams; `observer` only looks on. */
export const memberRoles = ['trainer', 'validator', 'scheduler', 'sponsor', 'operator', 'observer'] as const;
export type MemberRole = (typeof memberRoles)[number];

const withKey: ReadonlySet<MemberRole> = new Set(['trainer', 'validator', 'scheduler', 'sponsor']);

/** Whether whoever has this role sends transactions, and so has a key for the chain. */
export const signs = (role: MemberRole): boolean => withKey.has(role);

export const cardSchema = z
  .strictObject({
    format: z.literal('flobc.member'),
    version: z.literal(1),
    role: z.enum(memberRoles),
    /** Also the name of its folder. */
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a name of small letters, digits and hyphens'),
    /** null: it sends no transactions. */
    address: z.custom<ActorId>(isActor, 'an address').nullable(),
    /** Public key of its user on the NATS servers, `U...`. */
    nkey: z.string().regex(/^U[A-Z2-7]{55}$/, 'a public NKey, which begins with U'),
  })
  .refine(({ role, address }) => signs(role) === (address !== null), 'a role that signs has an address');

/** What others know of a member: nothing in it is secret. */
export type Card = z.output<typeof cardSchema>;

/** @throws Fault CONSORTIUM_INVALID */
export function readCard(path: string): Card {
  return parsed(cardSchema, path, 'a card of a member (member.json)');
}

/** A JSON file of a known shape. @throws Fault CONSORTIUM_INVALID */
export function parsed<Value>(schema: z.ZodType<Value>, path: string, what: string): Value {
  let problem: string;
  try {
    const read = schema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    if (read.success) return read.data;
    const { path: where, message } = read.error.issues[0]!;
    problem = `${where.join('.') || 'the file'}: ${message}`;
  } catch (error) {
    problem = (error as Error).message;
  }
  throw new Fault('CONSORTIUM_INVALID', `${path} is not ${what}: ${problem}`, {
    facts: { path, problem },
    hint: 'flobc keys consortium and flobc keys new write such files; take it back from there or from a backup.',
  });
}
