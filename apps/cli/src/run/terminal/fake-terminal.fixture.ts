import type { Terminal } from './terminal.ts';

const escapes = /\u001b\[(\??[\d;]*)([A-Za-z])/g;

/** A terminal that keeps what was written, and knows as much of escape sequences as is drawn with. */
export class FakeTerminal implements Terminal {
  readonly isTTY = true;
  columns: number;
  rows: number;
  written = '';
  isAlternate = false;
  isCursorSeen = true;
  /** Lines of the screen that is shown. */
  lines: string[] = [];
  #at: [row: number, column: number] = [0, 0];
  #shell: string[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(columns = 80, rows = 24) {
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): void {
    this.written += text;
    let from = 0;
    for (const { 0: sequence, 1: parameters, 2: command, index } of text.matchAll(escapes)) {
      this.#print(text.slice(from, index));
      this.#obey(parameters!, command!);
      from = index + sequence.length;
    }
    this.#print(text.slice(from));
  }

  on(_event: 'resize', listener: () => void): void {
    this.#listeners.add(listener);
  }

  off(_event: 'resize', listener: () => void): void {
    this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    for (const listener of this.#listeners) listener();
  }

  /** What a person sees. */
  get text(): string {
    return this.lines.map((line) => line.trimEnd()).join('\n');
  }

  #print(text: string): void {
    for (const part of text.split(/(\n|\r)/)) {
      const [row, column] = this.#at;
      if (part === '\n') this.#at = [row + 1, 0];
      else if (part === '\r') this.#at = [row, 0];
      else if (part !== '') {
        const line = (this.lines[row] ?? '').padEnd(column);
        this.lines[row] = line.slice(0, column) + part + line.slice(column + part.length);
        this.#at = [row, column + part.length];
      }
    }
    for (let row = 0; row < this.lines.length; row++) this.lines[row] ??= '';
  }

  #obey(parameters: string, command: string): void {
    const [row, column] = this.#at;
    if (command === 'H') {
      const [line = '1', place = '1'] = parameters.split(';');
      this.#at = [Number(line) - 1, Number(place) - 1];
    } else if (command === 'K') this.lines[row] = (this.lines[row] ?? '').slice(0, column);
    else if (command === 'J') this.lines = [];
    else if (parameters === '?25') this.isCursorSeen = command === 'h';
    else if (parameters === '?1049') this.#switch(command === 'h');
  }

  #switch(isAlternate: boolean): void {
    this.isAlternate = isAlternate;
    if (isAlternate) [this.#shell, this.lines] = [this.lines, []];
    else this.lines = this.#shell;
    this.#at = [this.lines.length, 0];
  }
}
