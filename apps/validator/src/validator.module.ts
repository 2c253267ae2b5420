import { Module } from '@nestjs/common';
import { HOSTED_NODE, Membership } from '#libs/service';
import { hostValidator } from './host-validator.ts';

@Module({
  providers: [{ provide: HOSTED_NODE, inject: [Membership], useFactory: hostValidator }],
  exports: [HOSTED_NODE],
})
export class ValidatorModule {}
