import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { Inbox } from '#libs/hosted';
import { HealthController } from './health.controller.ts';
import { InboxController } from './inbox.controller.ts';
import { Membership, type MembershipOptions } from './membership.ts';
import { MetricsController } from './metrics.controller.ts';
import { Readiness } from './readiness.ts';

/** What every process of a run is made of, around the node that it hosts. */
@Module({})
export class ProcessModule {
  /** @param node The module that provides `HOSTED_NODE`. */
  static of(node: Type, options: MembershipOptions): DynamicModule {
    return {
      module: ProcessModule,
      global: true,
      imports: [TerminusModule, node],
      controllers: [InboxController, HealthController, MetricsController],
      providers: [
        Readiness,
        { provide: Membership, useFactory: () => Membership.open(options) },
        { provide: Inbox, inject: [Membership], useFactory: ({ inbox }: Membership) => inbox },
      ],
      exports: [Membership, Readiness],
    };
  }
}
