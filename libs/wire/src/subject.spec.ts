import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kinds } from './bodies.ts';
import { actors, digests } from './messages.fixture.ts';
import { parseSubject, subjectOf, subjectsOf } from './subject.ts';

const subjects = fc.record({ kind: fc.constantFrom(...kinds), run: digests, sender: actors });

test('a subject says run, kind and sender, and nothing else', () => {
  fc.assert(
    fc.property(subjects, (of) => {
      expect(parseSubject(subjectOf(of))).toEqual({ kind: 'subject', of });
      expect(subjectOf(of)).toMatch(/^flobc\.v1\.0x[0-9a-f]{64}\.[a-zA-Z]+\.0x[0-9a-f]{40}$/);
    }),
  );
});

test('what is subscribed to holds its subjects, in the way NATS matches them', () => {
  const matches = (pattern: string, subject: string) => {
    const tokens = subject.split('.');
    return pattern.split('.').every((token, i, all) => {
      if (token === '>') return tokens.length > i;
      return (token === '*' || token === tokens[i]) && (i < all.length - 1 || tokens.length === all.length);
    });
  };
  fc.assert(
    fc.property(subjects, subjects, (of, other) => {
      expect(matches(subjectsOf(of.run), subjectOf(of))).toBe(true);
      expect(matches(subjectsOf(of.run, of.kind), subjectOf(of))).toBe(true);
      expect(matches(subjectsOf(of.run), subjectOf(other))).toBe(other.run === of.run);
      const another = { ...of, kind: other.kind };
      expect(matches(subjectsOf(of.run, of.kind), subjectOf(another))).toBe(other.kind === of.kind);
    }),
  );
});

test('whatever is no subject is refused', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => {
      const parsed = parseSubject(text);
      expect(parsed).toMatchObject({ kind: 'refused', code: 'SUBJECT_DIFFERS' });
      if (parsed.kind === 'refused') expect(parsed.reason).toMatch(/^[ -~]{1,300}$/);
    }),
  );
});
