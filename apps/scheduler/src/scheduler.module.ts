import { Module } from '@nestjs/common';
import { HOSTED_NODE, Membership } from '#libs/service';
import { hostScheduler } from './host-scheduler.ts';

@Module({ providers: [{ provide: HOSTED_NODE, inject: [Membership], useFactory: hostScheduler }] })
export class SchedulerModule {}
