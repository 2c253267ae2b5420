import { type DestinationStream, type Logger, pino } from 'pino';

/** What every line of a node's log says besides its own words. */
export interface LogContext {
  /** The beginning of the run's digest. */
  run?: string;
  /** The round that is open. */
  round?: number;
}

export interface LogOptions {
  readonly level: string;
  /** The node's name. */
  readonly actor: string;
  /** Filled in as it becomes known. */
  readonly context: LogContext;
  /** Texts that must not be in any line, wherever they come from. */
  readonly secrets: readonly string[];
  /** The standard output by default. */
  readonly to?: DestinationStream;
}

/** Keys whose values are nobody's business, should somebody log what has one. */
const keys = ['password', 'privateKey', 'credentials', 'seed', 'secret', 'authorization'];
const censor = '<secret>';

/**
 * A log of JSON lines, each bound to run, round and actor. Secrets are taken out twice: values of keys that are named like
 * one, and the node's own wherever they appear, in the message of an error too.
 */
export function openLog({ level, actor, context, secrets, to }: LogOptions): Logger {
  const hidden = secrets.filter((text) => text !== '').map((text) => JSON.stringify(text).slice(1, -1));
  const options = {
    level,
    base: { actor },
    mixin: () => ({ ...context }),
    redact: { paths: keys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor },
    hooks: {
      streamWrite: (line: string) => hidden.reduce((shown, text) => shown.replaceAll(text, censor), line),
    },
  };
  return to === undefined ? pino(options) : pino(options, to);
}
