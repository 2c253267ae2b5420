import type { Cancel } from '#libs/ports';
import type { Event, RunState } from '#libs/protocol';
import type { Agent, Follower } from './follower.ts';
import { preview } from './preview.ts';
import type { Recall } from './recall.ts';

/** Sees everything and says nothing: asks for the previews that signatures are understood by. */
export class ObserverNode implements Agent {
  readonly actor = null;
  readonly #follower: Follower;
  readonly #scoresBase: boolean;
  readonly #recall: Recall;
  readonly #look: (events: readonly Event[], state: RunState) => void;

  constructor(
    follower: Follower,
    scoresBase: boolean,
    recall: Recall,
    look: (events: readonly Event[], state: RunState) => void,
  ) {
    this.#follower = follower;
    this.#scoresBase = scoresBase;
    this.#recall = recall;
    this.#look = look;
  }

  start(): Cancel {
    return this.#follower.attach(this);
  }

  see(events: readonly Event[], state: RunState): void {
    this.#look(events, state);
    for (const event of events) {
      if (event.kind !== 'ballotsTallied') continue;
      preview(this.#follower, event.round, this.#scoresBase, this.#recall).catch(this.#follower.world.fail);
    }
  }
}
