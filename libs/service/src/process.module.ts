import { type DynamicModule, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { Inbox, type NodeFile } from '#libs/hosted';
import { HealthController } from './health.controller.ts';
import { InboxController } from './inbox.controller.ts';
import { Membership } from './membership.ts';
import { Readiness } from './readiness.ts';

/** What every process of a run is made of, around the node that it hosts. */
@Module({})
export class ProcessModule {
  static of(file: NodeFile): DynamicModule {
    return {
      module: ProcessModule,
      global: true,
      imports: [TerminusModule],
      controllers: [InboxController, HealthController],
      providers: [
        Readiness,
        { provide: Membership, useFactory: () => Membership.open(file) },
        { provide: Inbox, inject: [Membership], useFactory: ({ inbox }: Membership) => inbox },
      ],
      exports: [Membership, Readiness],
    };
  }
}
