import type { Output } from '../output.ts';
import { JsonReport } from './json-report.ts';
import { LinesReport } from './lines/lines-report.ts';
import { LiveReport } from './live/live-report.ts';
import type { RunReport } from './report.ts';
import { type Environment, isLive, styleOf, type Terminal } from './terminal/terminal.ts';

export interface ReportOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly terminal: Terminal;
  /** Where warnings and notices go. */
  readonly side: Output;
  readonly environment: Environment;
  readonly platform: string;
  /** Milliseconds of the machine. */
  readonly clock: () => number;
}

/** The report that suits who reads it. */
export function openReport(options: ReportOptions): RunReport {
  const { json, quiet, terminal, side, environment, platform, clock } = options;
  if (json) return new JsonReport({ output: terminal, side, isQuiet: quiet });
  const style = styleOf(terminal, environment, platform);
  const lines = new LinesReport({ output: terminal, side, isQuiet: quiet, ...style });
  if (quiet || !isLive(terminal, environment)) return lines;
  return new LiveReport({ terminal, clock, ...style, around: lines });
}
