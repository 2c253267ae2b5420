import type { CastMember } from '#libs/simulation';
import type { ActorId } from '#libs/protocol';

/** Actors by what the run file calls them: nobody reads addresses. */
export class Names {
  readonly #members: ReadonlyMap<ActorId, CastMember>;

  constructor(cast: readonly CastMember[]) {
    this.#members = new Map(cast.map((member) => [member.id, member]));
  }

  memberOf(actor: ActorId): CastMember | undefined {
    return this.#members.get(actor);
  }

  /** An actor that is not in the cast has its address. */
  nameOf(actor: ActorId): string {
    return this.#members.get(actor)?.name ?? actor;
  }
}

/** Several names, and how many more there are. */
export function listed(names: readonly string[], most: number): string {
  if (names.length <= most) return names.join(', ');
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}
