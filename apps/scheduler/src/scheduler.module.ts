import { Module } from '@nestjs/common';
import { HOSTED_NODE, Membership, Readiness } from '#libs/service';
import { hostScheduler } from './host-scheduler.ts';

@Module({
  providers: [{ provide: HOSTED_NODE, inject: [Membership, Readiness], useFactory: hostScheduler }],
  exports: [HOSTED_NODE],
})
export class SchedulerModule {}
