import { Controller, Get, Inject } from '@nestjs/common';
import { HealthCheck, HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import { type Check, chainCheck, connectionCheck, deadlineCheck, stageCheck } from '#libs/observe';
import { Membership } from './membership.ts';
import { Readiness } from './readiness.ts';
import { HOSTED_NODE, type HostedNode } from './seat.ts';

/** What a supervisor asks: is the process alive, and does its node take part? */
@Controller('health')
export class HealthController {
  readonly #health: HealthCheckService;
  readonly #indicator: HealthIndicatorService;
  readonly #checks: () => readonly Check[];

  constructor(
    @Inject(HealthCheckService) health: HealthCheckService,
    @Inject(HealthIndicatorService) indicator: HealthIndicatorService,
    @Inject(Membership) { connections, world, config }: Membership,
    @Inject(Readiness) readiness: Readiness,
    @Inject(HOSTED_NODE) { follower }: HostedNode,
  ) {
    this.#health = health;
    this.#indicator = indicator;
    const nowMs = () => world.clock.nowMs();
    const checks = [
      connectionCheck('nats', () => connections.link.state === 'connected'),
      chainCheck(connections.chain, nowMs, config.chain.staleAfterMs),
      stageCheck(() => readiness.stage, 'taking part'),
      deadlineCheck(() => follower.state, nowMs),
    ];
    this.#checks = () => [...checks, ...readiness.checks];
  }

  @Get('live')
  @HealthCheck()
  live() {
    return this.#health.check([]);
  }

  @Get('ready')
  @HealthCheck()
  ready() {
    return this.#health.check(
      this.#checks().map(({ name, look }) => async () => {
        const { ok, facts } = await look();
        const indicator = this.#indicator.check(name);
        return ok ? indicator.up(facts) : indicator.down(facts);
      }),
    );
  }
}
