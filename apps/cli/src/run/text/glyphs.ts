/** The characters beyond letters and digits that are drawn with, each one column wide. */
export interface Glyphs {
  readonly full: string;
  readonly empty: string;
  /** Parts of a column of a chart, from the lowest that is above nothing to a whole one. */
  readonly levels: readonly string[];
  /** Whether levels upon levels look like a chart. */
  readonly stacks: boolean;
  readonly ellipsis: string;
  readonly bullet: string;
}

export const unicode: Glyphs = {
  full: '█',
  empty: '░',
  levels: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  stacks: true,
  ellipsis: '…',
  bullet: '·',
};

/** For terminals whose locale has nothing else. Heights are digits: they can be read, where a ramp of dots is guessed at. */
export const ascii: Glyphs = {
  full: '#',
  empty: '.',
  levels: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  stacks: false,
  ellipsis: '~',
  bullet: '-',
};

/** What the locale can show. On Windows there is none, and its terminals take Unicode. */
export function glyphsOf(
  environment: Readonly<Record<string, string | undefined>>,
  platform: string,
): Glyphs {
  const { LC_ALL, LC_CTYPE, LANG, TERM } = environment;
  if (TERM === 'linux') return ascii;
  if (platform === 'win32') return unicode;
  // The first that is set holds over the others, as for every program (POSIX, 8.2).
  const locale = [LC_ALL, LC_CTYPE, LANG].find((value) => value !== undefined && value !== '') ?? '';
  return /utf-?8/i.test(locale) ? unicode : ascii;
}
