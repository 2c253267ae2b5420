import type { LoggerService } from '@nestjs/common';
import { pino } from 'pino';

const log = pino({ base: { part: 'nest' }, level: 'warn' });

/** Nest's own words, as lines like all others. */
export class NestLog implements LoggerService {
  log(message: unknown, ...rest: unknown[]): void {
    log.info({ rest }, String(message));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    log.warn({ rest }, String(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    log.error({ rest }, String(message));
  }
}
