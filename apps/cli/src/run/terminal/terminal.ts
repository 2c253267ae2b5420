import pc from 'picocolors';
import type { Output } from '../../output.ts';
import { type Glyphs, glyphsOf } from '../text/glyphs.ts';
import type { Colours } from '../text/line.ts';

/** What is drawn on: `process.stdout`, or what a test holds in its place. */
export interface Terminal extends Output {
  readonly rows?: number;
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** How to draw on it. */
export interface Style {
  readonly colours: Colours;
  readonly glyphs: Glyphs;
}

/** NO_COLOR, FORCE_COLOR and the locale hold as they do for other programs. */
export function styleOf(terminal: Terminal, environment: Environment, platform: string): Style {
  const forced = environment.FORCE_COLOR !== undefined && environment.FORCE_COLOR !== '0';
  const wanted = environment.NO_COLOR === undefined || environment.NO_COLOR === '';
  const able = terminal.isTTY === true && environment.TERM !== 'dumb';
  return {
    colours: pc.createColors(wanted && (forced || able)),
    glyphs: glyphsOf(environment, platform),
  };
}

/** True if a picture can be redrawn on it, rather than lines be written one after the other. */
export function isLive(terminal: Terminal, environment: Environment): boolean {
  return terminal.isTTY === true && environment.TERM !== 'dumb';
}

/** What terminals without a size of their own are taken for. */
export const sizeOf = ({ columns, rows }: Terminal): { columns: number; rows: number } => ({
  columns: columns !== undefined && columns > 0 ? columns : 80,
  rows: rows !== undefined && rows > 0 ? rows : 24,
});
