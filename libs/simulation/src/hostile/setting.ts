import type { TrainerBehaviour, ValidatorBehaviour } from '#libs/experiment';
import type { Follower, UpdateOpener } from '#libs/node';
import type { ActorId } from '#libs/protocol';
import type { Generator } from '#libs/random';

/** One of the behaviours, with its parameters. */
export type TrainerBehaviourOf<Kind extends TrainerBehaviour['kind']> = Extract<
  TrainerBehaviour,
  { kind: Kind }
>;
export type ValidatorBehaviourOf<Kind extends ValidatorBehaviour['kind']> = Extract<
  ValidatorBehaviour,
  { kind: Kind }
>;

/** Where a hostile Trainer finds itself. */
export interface TrainerSetting {
  readonly me: ActorId;
  /** Its own. It is split by purpose and number before a draw, so that no draw depends on those before it. */
  readonly random: Generator;
  /** Of the data; 0: a regression. */
  readonly classes: number;
  /** Updates of others that can be read where this Trainer is; null unless it needs them. */
  readonly opener: Opened | null;
  readonly follower: Watched;
}

/** Where a hostile Validator finds itself. */
export interface ValidatorSetting {
  readonly me: ActorId;
  readonly random: Generator;
  /** What all of a group draw from. */
  readonly groupRandom: (group: string) => Generator;
  readonly follower: Watched;
  /** By position. */
  readonly trainers: readonly ActorId[];
}

/** As much of an `UpdateOpener` as is needed. */
export type Opened = Pick<UpdateOpener, 'get'>;

/** As much of a `Follower` as is needed. */
export type Watched = Pick<Follower, 'attach' | 'state'> & {
  readonly world: Pick<Follower['world'], 'clock'>;
};
