/** Where a command writes: `process.stdout`, or what a test holds in its place. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  hasColors?(count: number): boolean;
}
