import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Nest's own words, as lines like all others; what it says of its own start is of no interest. */
export class NestLog implements LoggerService {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log.child({ part: 'nest' });
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.#log.debug({ rest }, String(message));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.#log.warn({ rest }, String(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.#log.error({ rest }, String(message));
  }
}
