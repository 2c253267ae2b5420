import type { ActorId } from '#libs/protocol';
import type { Kind } from '#libs/wire';
import { buckets, durableOf, inboxOf, streamOfBucket, updatesOf } from '../names.ts';

/** Who may log in to the servers of a consortium. Members go by their addresses, others by a name of their own. */
export type NatsUser =
  | { readonly role: 'trainer' | 'validator'; readonly address: ActorId; readonly publicKey: string }
  | {
      readonly role: 'scheduler' | 'observer' | 'operator';
      readonly name: string;
      readonly publicKey: string;
    };

/** Subjects that a user may publish to and subscribe to; nothing else. */
export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

const trainerSays: readonly Kind[] = ['receipt', 'updateKey', 'join', 'leave', 'checkIn'];
const validatorSays: readonly Kind[] = [
  'lineupProposal',
  'lineupSignature',
  'ballot',
  'certificateSignature',
  'release',
  'join',
  'leave',
  'checkIn',
];

/** What a user's link has to be called: its inbox and its consumer go by that name. */
export const linkNameOf = (user: NatsUser): string => ('address' in user ? user.address : user.name);

/** Everything a role needs, as subjects; replies go to an inbox that is the user's alone. */
export function permissionsOf(user: NatsUser): Permissions {
  const name = linkNameOf(user);
  return {
    publish: [...hearing(durableOf(name)), ...ofRole(user)],
    subscribe: [`${inboxOf(name)}.>`],
  };
}

function ofRole(user: NatsUser): string[] {
  switch (user.role) {
    case 'trainer':
      return [
        ...saying(trainerSays, user.address),
        ...Object.values(buckets).flatMap(reading),
        ...writing(updatesOf(user.address)),
      ];
    case 'validator':
      return [
        ...saying(validatorSays, user.address),
        // Receipts that somebody lacks are said again by whoever has them; they are signed by their Trainers.
        ...saying(['receipt'], '*'),
        ...readingAll,
        ...[buckets.model, buckets.lineup].flatMap(writing),
      ];
    case 'scheduler':
    case 'observer':
      return readingAll;
    case 'operator':
      return ['$JS.API.>'];
  }
}

const saying = (kinds: readonly Kind[], sender: string): string[] =>
  kinds.map((kind) => `flobc.v1.*.${kind}.${sender}`);

/**
 * One durable consumer, by its own name, of the messages of runs. The subject of a request to create one ends with what it
 * filters, which the server compares with the request and with the stream: it cannot be one of a bucket.
 */
const hearing = (durable: string): string[] => [
  `$JS.API.CONSUMER.CREATE.*.${durable}.flobc.v1.>`,
  `$JS.API.CONSUMER.INFO.*.${durable}`,
  `$JS.API.CONSUMER.DELETE.*.${durable}`,
  `$JS.API.CONSUMER.MSG.NEXT.*.${durable}`,
  `$JS.ACK.*.${durable}.>`,
];

/** Objects are read message by message, so that reading takes no consumer. */
const reading = (bucket: string): string[] => [
  `$JS.API.STREAM.MSG.GET.${streamOfBucket(bucket)}`,
  `$JS.API.DIRECT.GET.${streamOfBucket(bucket)}`,
];

const readingAll = ['$JS.API.STREAM.MSG.GET.*', '$JS.API.DIRECT.GET.*', '$JS.API.STREAM.INFO.*'];

/** Whoever puts an object looks first whether it is there, and whether there is room. */
const writing = (bucket: string): string[] => [
  `$O.${bucket}.>`,
  `$JS.API.STREAM.INFO.${streamOfBucket(bucket)}`,
  ...reading(bucket),
];
