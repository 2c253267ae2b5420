import { Controller, Inject } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { Inbox } from '#libs/hosted';
import type { JetStreamContext } from '#libs/nats';

/** Takes what the stream of the run brings, and gives it to the node that lives in this process. */
@Controller()
export class InboxController {
  readonly #inbox: Inbox;

  constructor(@Inject(Inbox) inbox: Inbox) {
    this.#inbox = inbox;
  }

  /** Sealed updates that are offered, and the keys that open them. */
  @EventPattern(['receipt', 'updateKey'])
  update(@Payload() bytes: Uint8Array, @Ctx() context: JetStreamContext): void {
    this.#take(bytes, context);
  }

  /** What Validators agree on: lineups, and merged models. */
  @EventPattern(['lineupProposal', 'lineupSignature', 'certificateSignature', 'release'])
  agreement(@Payload() bytes: Uint8Array, @Ctx() context: JetStreamContext): void {
    this.#take(bytes, context);
  }

  @EventPattern(['ballot'])
  ballot(@Payload() bytes: Uint8Array, @Ctx() context: JetStreamContext): void {
    this.#take(bytes, context);
  }

  @EventPattern(['join', 'leave', 'checkIn'])
  membership(@Payload() bytes: Uint8Array, @Ctx() context: JetStreamContext): void {
    this.#take(bytes, context);
  }

  /** Returns when the node has dealt with it: only then is it acknowledged. */
  #take(bytes: Uint8Array, context: JetStreamContext): void {
    this.#inbox.deliver({ subject: context.subject, bytes });
  }
}
