import 'reflect-metadata';
import { configurationIn, serve } from '#libs/service';
import { SchedulerModule } from './scheduler.module.ts';

await serve(SchedulerModule, 'scheduler', configurationIn(process.argv));
