import type pc from 'picocolors';

export type Colours = ReturnType<typeof pc.createColors>;

/** What a piece of text means; what colour that is, the terminal decides. Nothing is said by colour alone. */
export type Tone = 'title' | 'faint' | 'good' | 'bad' | 'notice' | 'busy';

export interface Span {
  readonly text: string;
  readonly tone?: Tone;
}

/** One line of a screen: text and tones apart, so that it is measured and cut before there are any escape sequences. */
export type Line = readonly Span[];

export const span = (text: string, tone?: Tone): Span => (tone === undefined ? { text } : { text, tone });
export const line = (text: string, tone?: Tone): Line => [span(text, tone)];
export const textOf = (of: Line): string => of.map(({ text }) => text).join('');

/** Columns that a line takes: everything drawn here is one column a character. */
export const widthOf = (of: Line): number => of.reduce((sum, { text }) => sum + text.length, 0);

/** The line in at most `width` columns; where something is cut off, the last of them says so. */
export function cut(of: Line, width: number, ellipsis: string): Line {
  if (widthOf(of) <= width) return of;
  const room = width - ellipsis.length;
  if (room <= 0) return line(ellipsis.slice(0, Math.max(0, width)));
  const kept: Span[] = [];
  let used = 0;
  for (const { text, tone } of of) {
    const part = text.slice(0, room - used);
    if (part !== '') kept.push(span(part, tone));
    used += part.length;
  }
  return [...kept, span(ellipsis, 'faint')];
}

/** The line in at least `width` columns. */
export function pad(of: Line, width: number, align: 'left' | 'right' = 'left'): Line {
  const missing = width - widthOf(of);
  if (missing <= 0) return of;
  const blank = span(' '.repeat(missing));
  return align === 'left' ? [...of, blank] : [blank, ...of];
}

/** Lines in a row, with something between them. */
export function join(lines: readonly Line[], between: string): Line {
  return lines.flatMap((of, i) => (i === 0 ? of : [span(between), ...of]));
}

/** As many of the lines from the first as fit side by side. */
export function joinFitting(lines: readonly Line[], between: string, width: number): Line {
  let fitting = lines.slice(0, 1);
  for (const of of lines.slice(1)) {
    const longer = [...fitting, of];
    if (widthOf(join(longer, between)) > width) break;
    fitting = longer;
  }
  return join(fitting, between);
}

/** The line as a terminal takes it. Blanks at its end are nothing to see. */
export function paint(of: Line, colours: Colours): string {
  const ends = of.findLastIndex(({ text }) => text.trimEnd() !== '');
  return of
    .slice(0, ends + 1)
    .map(({ text, tone }, i) => paintSpan(i === ends ? text.trimEnd() : text, tone, colours))
    .join('');
}

function paintSpan(text: string, tone: Tone | undefined, colours: Colours): string {
  switch (tone) {
    case undefined:
      return text;
    case 'title':
      return colours.bold(text);
    case 'faint':
      return colours.dim(text);
    case 'good':
      return colours.green(text);
    case 'bad':
      return colours.red(text);
    case 'notice':
      return colours.yellow(text);
    case 'busy':
      return colours.cyan(text);
  }
}
