import { sizeOf, type Terminal } from './terminal.ts';

const escape = '\u001b[';
/** Another screen than that of the shell, so that what stood there is there again afterwards; the cursor is not seen. */
const enter = `${escape}?1049h${escape}?25l`;
const leave = `${escape}?25h${escape}?1049l`;
/** What is between them is shown at once, on terminals that know it (synchronized output); the others ignore it. */
const [begin, end] = [`${escape}?2026h`, `${escape}?2026l`];
const clear = `${escape}2J`;
const toLine = (i: number) => `${escape}${i + 1};1H`;
/** What is on the line from the cursor on goes. */
export const eraseRest = `${escape}K`;

/** A screen of lines. Only lines that are not as they were are written again: nothing flickers, and little is sent. */
export class Screen {
  readonly #terminal: Terminal;
  #shown: readonly string[] = [];
  #size = '';
  #open = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Lines no wider than the terminal; what is below its last line is left out. */
  draw(lines: readonly string[]): void {
    const { columns, rows } = sizeOf(this.#terminal);
    const visible = lines.slice(0, rows);
    const isNew = this.#size !== `${columns}x${rows}`;
    const before = isNew ? [] : this.#shown;
    const changed = Array.from({ length: Math.max(visible.length, before.length) }, (_, i) => i)
      .filter((i) => (visible[i] ?? '') !== (before[i] ?? ''))
      .map((i) => `${toLine(i)}${visible[i] ?? ''}${eraseRest}`);
    const opening = this.#open ? '' : enter;
    this.#size = `${columns}x${rows}`;
    this.#shown = visible;
    this.#open = true;
    if (isNew || changed.length > 0)
      this.#terminal.write(`${opening}${begin}${isNew ? clear : ''}${changed.join('')}${end}`);
  }

  /** Gives the terminal back as it was; may be called at any time and more than once. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#shown = [];
    this.#size = '';
    this.#terminal.write(leave);
  }
}
