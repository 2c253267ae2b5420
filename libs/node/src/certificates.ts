import { type Digest, type Event, isQuorum, type Quorum, type Seat } from '#libs/protocol';
import type { Message, Post } from '#libs/wire';

/** Rounds whose committee is kept, for releases that come late. */
const keptRounds = 8;

/**
 * Which released versions carry the signatures of a quorum of their round's committee. The ledger has checked them too;
 * a Trainer that takes nobody's word checks them again, on the release that is announced with them.
 */
export class Certificates {
  readonly #quorum: Quorum;
  readonly #post: Post;
  readonly #committees = new Map<number, readonly Seat[]>();
  readonly #certified = new Map<number, Digest>();
  #newest: { readonly version: number; readonly model: Digest | null } = { version: 0, model: null };
  #waiting: (() => void)[] = [];

  constructor(quorum: Quorum, post: Post) {
    this.#quorum = quorum;
    this.#post = post;
  }

  see(events: readonly Event[]): void {
    for (const event of events) {
      if (event.kind === 'roundOpened') {
        this.#committees.set(event.round, event.committee);
        this.#committees.delete(event.round - keptRounds);
      }
      if (event.kind === 'modelReleased') {
        this.#newest = { version: event.version, model: event.model };
        this.#certified.delete(event.version - keptRounds);
        this.#wake();
      }
    }
  }

  hear({ body }: Message<'release'>): void {
    const { round, version, model, signatures } = body;
    const committee = this.#committees.get(round);
    if (committee === undefined || this.has(version, model)) return;
    if (this.#post.checkCertificate(body).kind === 'refused') return;
    const signers = new Set<string>(signatures.map(({ validator }) => validator));
    if (!isQuorum(this.#quorum, committee, ({ id }) => signers.has(id))) return;
    this.#certified.set(version, model);
    this.#wake();
  }

  has(version: number, model: Digest): boolean {
    return this.#certified.get(version) === model;
  }

  /**
   * Resolves when a version is certified, or is no longer the newest: then nobody needs it. The first model needs no
   * certificate; everybody makes it from the seed.
   */
  async require(version: number): Promise<void> {
    while (version === this.#newest.version && this.#newest.model !== null) {
      if (this.has(version, this.#newest.model)) return;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
