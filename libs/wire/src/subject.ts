import { type ActorId, type Digest, isActor, isDigest } from '#libs/protocol';
import { isKind, type Kind } from './bodies.ts';
import { version } from './message.ts';
import { quoted, type Refusal, refused } from './refusal.ts';

/** What can be known of a message without opening it. */
export interface Subject {
  readonly kind: Kind;
  readonly run: Digest;
  readonly sender: ActorId;
}

const prefix = `flobc.v${version}`;

/** flobc.v1.RUN.KIND.SENDER: a subscriber picks runs, kinds and senders, and a stream can be told who may publish what. */
export const subjectOf = ({ run, kind, sender }: Subject): string => `${prefix}.${run}.${kind}.${sender}`;

/** All messages of a run, of one kind or of all, in the form in which NATS subscribes. */
export const subjectsOf = (run: Digest, kind?: Kind): string =>
  kind === undefined ? `${prefix}.${run}.>` : `${prefix}.${run}.${kind}.*`;

export function parseSubject(
  subject: string,
): ({ readonly kind: 'subject' } & { readonly of: Subject }) | Refusal {
  const [name, versioned, run, kind, sender, ...rest] = subject.split('.');
  if (`${name}.${versioned}` !== prefix || rest.length > 0) {
    return refused('SUBJECT_DIFFERS', `${quoted(subject)} is not a subject of ${prefix}`);
  }
  if (!isDigest(run) || !isActor(sender) || !isKind(kind)) {
    return refused('SUBJECT_DIFFERS', `${quoted(subject)} does not name a run, a kind and a sender`);
  }
  return { kind: 'subject', of: { kind, run, sender } };
}
