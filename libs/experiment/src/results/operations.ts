import { bytesOf, type Hex } from '#libs/wire';

/**
 * Operations by the first four bytes of a call: the functions of the product's contracts that change something. A test holds
 * them against the contracts' ABIs.
 */
export const operations: Readonly<Record<string, string>> = {
  '0xb4f12863': 'bond',
  '0xf7951420': 'jail',
  '0xc7b06306': 'penalise',
  '0x0e5804a2': 'startUnbonding',
  '0x2e1a7d4d': 'withdraw',
  '0x095ea7b3': 'approve',
  '0x40c10f19': 'mint',
  '0xd505accf': 'permit',
  '0x715018a6': 'renounceOwnership',
  '0xa9059cbb': 'transfer',
  '0x23b872dd': 'transferFrom',
  '0xf2fde38b': 'transferOwnership',
  '0x379607f5': 'claim',
  '0xe1a2dc68': 'credit',
  '0xa65e2cfd': 'fund',
  '0xe95a644f': 'checkIn',
  '0x7342152f': 'closePhase',
  '0x2beeb6da': 'commit',
  '0x06676764': 'continueSettlement',
  '0x211f560a': 'createRun',
  '0xd353a1cb': 'finish',
  '0xc310ca87': 'joinRun',
  '0x4e057972': 'leaveRun',
  '0xbde22ae0': 'openRound',
  '0x136439dd': 'pause',
  '0xb7ec552a': 'proposeLineup',
  '0x41347a57': 'proveEquivocation',
  '0xa750fce6': 'releaseBudget',
  '0x414000b5': 'resume',
  '0x6b4919eb': 'reveal',
  '0xa71c3c2b': 'settle',
};

/** Contracts are created by transactions too. */
export const deployment = 'deploy';
/** A call of something that is not in the table. */
export const unknownOperation = 'other';

/** What a signed transaction does: `settle`, `commit`, `deploy`. */
export function operationOf(raw: Hex): string {
  const fields = fieldsOf(bytesOf(raw));
  const [to, data] = fields ?? [];
  if (to === undefined || data === undefined) return unknownOperation;
  if (to.length === 0) return deployment;
  const selector = Buffer.from(data.subarray(0, 4)).toString('hex');
  return operations[`0x${selector}`] ?? unknownOperation;
}

/** Receiver and data of a transaction: fields 5 and 7 of EIP-1559's list, 4 and 6 of EIP-2930's, 3 and 5 of the old one. */
function fieldsOf(bytes: Uint8Array): [Uint8Array, Uint8Array] | undefined {
  const type = bytes[0]!;
  const items = itemsOf(type <= 0x7f ? bytes.subarray(1) : bytes);
  const at = type === 2 ? 5 : type === 1 ? 4 : 3;
  const [to, data] = [items?.[at], items?.[at + 2]];
  return to && data ? [to, data] : undefined;
}

/** The items of an RLP list (yellow paper, appendix B), each as its bytes; undefined for what is no such list. */
function itemsOf(bytes: Uint8Array): Uint8Array[] | undefined {
  const list = headOf(bytes, 0);
  if (!list?.isList) return undefined;
  const items: Uint8Array[] = [];
  for (let at = list.from; at < list.to;) {
    const item = headOf(bytes, at);
    if (!item || item.to > list.to) return undefined;
    items.push(bytes.subarray(item.from, item.to));
    at = item.to;
  }
  return items;
}

function headOf(bytes: Uint8Array, at: number): { isList: boolean; from: number; to: number } | undefined {
  const head = bytes[at];
  if (head === undefined) return undefined;
  if (head < 0x80) return { isList: false, from: at, to: at + 1 };
  const isList = head >= 0xc0;
  const short = head - (isList ? 0xc0 : 0x80);
  const lengthBytes = Math.max(0, short - 55);
  let length = short;
  if (lengthBytes > 0) {
    length = 0;
    for (let i = 1; i <= lengthBytes; i++) length = length * 256 + (bytes[at + i] ?? NaN);
  }
  const from = at + 1 + lengthBytes;
  const to = from + length;
  return to <= bytes.length ? { isList, from, to } : undefined;
}
