import { Controller, Get, Inject } from '@nestjs/common';
import { HealthCheck, HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import { Membership } from './membership.ts';
import { Readiness } from './readiness.ts';

/** What a supervisor asks: is the process alive, and does its node take part? */
@Controller('health')
export class HealthController {
  readonly #health: HealthCheckService;
  readonly #indicator: HealthIndicatorService;
  readonly #membership: Membership;
  readonly #readiness: Readiness;

  constructor(
    @Inject(HealthCheckService) health: HealthCheckService,
    @Inject(HealthIndicatorService) indicator: HealthIndicatorService,
    @Inject(Membership) membership: Membership,
    @Inject(Readiness) readiness: Readiness,
  ) {
    this.#health = health;
    this.#indicator = indicator;
    this.#membership = membership;
    this.#readiness = readiness;
  }

  @Get('live')
  @HealthCheck()
  live() {
    return this.#health.check([]);
  }

  @Get('ready')
  @HealthCheck()
  ready() {
    const { link } = this.#membership.connections;
    return this.#health.check([
      () => {
        const nats = this.#indicator.check('nats');
        return link.state === 'connected' ? nats.up() : nats.down('not connected');
      },
      () => {
        const node = this.#indicator.check('node');
        const { stage } = this.#readiness;
        return stage === 'taking part' ? node.up() : node.down(stage);
      },
    ]);
  }
}
