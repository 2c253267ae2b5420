import { Module } from '@nestjs/common';
import { HOSTED_NODE, Membership } from '#libs/service';
import { hostTrainer } from './host-trainer.ts';

@Module({
  providers: [{ provide: HOSTED_NODE, inject: [Membership], useFactory: hostTrainer }],
  exports: [HOSTED_NODE],
})
export class TrainerModule {}
