import { Controller, Get, Header, Inject } from '@nestjs/common';
import { Membership } from './membership.ts';
import { Readiness } from './readiness.ts';

/** What Prometheus asks. */
@Controller('metrics')
export class MetricsController {
  readonly #membership: Membership;
  readonly #readiness: Readiness;

  constructor(@Inject(Membership) membership: Membership, @Inject(Readiness) readiness: Readiness) {
    this.#membership = membership;
    this.#readiness = readiness;
  }

  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics(): Promise<string> {
    return this.#membership.metrics.text(this.#readiness.knowsTheRun);
  }
}
