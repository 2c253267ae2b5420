import 'reflect-metadata';
import { configurationIn, serve } from '#libs/service';
import { TrainerModule } from './trainer.module.ts';

await serve(TrainerModule, 'trainer', configurationIn(process.argv));
