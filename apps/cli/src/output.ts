/** Where a command writes: `process.stdout`, or what a test holds in its place. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  hasColors?(count: number): boolean;
}

/** A line for machines. Amounts of tokens and other numbers of the ledger are beyond those of JSON, and are texts. */
export function writeJson(output: Pick<Output, 'write'>, value: unknown): void {
  const plain = (_: string, item: unknown): unknown => (typeof item === 'bigint' ? String(item) : item);
  output.write(`${JSON.stringify(value, plain)}\n`);
}
