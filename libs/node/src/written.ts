import { decodeMessage, type Message } from '#libs/wire';

/** A message that a node has written into its journal. What it has said and cannot read it would contradict: it has to stop. */
export function messageIn(written: Uint8Array): Message {
  const decoded = decodeMessage(written);
  if (decoded.kind === 'refused') throw new Error(`the journal holds no message: ${decoded.reason}`);
  return decoded.message;
}
