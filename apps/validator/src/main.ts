import 'reflect-metadata';
import { configurationIn, serve } from '#libs/service';
import { ValidatorModule } from './validator.module.ts';

await serve(ValidatorModule, 'validator', configurationIn(process.argv));
