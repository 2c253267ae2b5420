// Time of a message's check, with ethers' check of the same signature in the same run. Writes docs/results/wire.md.
//
// npm run bench wire [-- --rounds 15] [-- --dry-run]
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { Signature, verifyTypedData } from 'ethers';
import { decodeMessage, encodeMessage, type Message, openPost, openSigner, typedData } from '#libs/wire';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, 'dry-run': { type: 'boolean', default: false } },
});
const rounds = Number(options.rounds);

const domain = {
  run: `0x${'a1'.repeat(32)}`,
  chainId: 31_337n,
  ledger: `0x${'1e'.repeat(20)}`,
  number: 7n,
} as const;
const post = openPost(domain);

/** A round's worth of receipts: each Trainer's signature is new, its key is known after the first round. */
const signers = Array.from({ length: 50 }, (_, i) => openSigner(new Uint8Array(32).fill(i + 1)));
let sequence = 0;
function receipts(): Message<'receipt'>[] {
  sequence++;
  const sealed = `0x${sequence.toString(16).padStart(64, '0')}` as const;
  return signers.map((signer) =>
    post.sign(signer, 'receipt', { sequence, base: 3, sealed, plain: sealed, sizeBytes: 24_310 }),
  );
}

interface Contender {
  readonly name: string;
  /** Made ready outside the clock. */
  readonly prepare: (messages: readonly Message<'receipt'>[]) => readonly (() => unknown)[];
}

const wallets = (message: Message<'receipt'>) => {
  const { domain: of, types, values } = typedData(domain, message);
  const mutable = Object.fromEntries(Object.entries(types).map(([name, fields]) => [name, [...fields]]));
  const { serialized } = Signature.from(message.signature);
  return () => verifyTypedData(of, mutable, values, serialized);
};

const checking = (messages: readonly Message<'receipt'>[]) =>
  messages.map((message) => {
    const bytes = encodeMessage(message);
    return () => {
      if (post.check(bytes).kind !== 'checked') throw new Error('an honest message was refused');
    };
  });

const contenders: readonly Contender[] = [
  { name: 'check: decode, parse, hash, recover', prepare: checking },
  {
    name: 'check again: the signature is known',
    prepare: (messages) => {
      const checks = checking(messages);
      for (const check of checks) check();
      return checks;
    },
  },
  {
    name: 'decode and parse alone',
    prepare: (messages) => messages.map(encodeMessage).map((bytes) => () => decodeMessage(bytes)),
  },
  {
    name: "ethers' verifyTypedData of the same statement",
    prepare: (messages) => messages.slice(0, 10).map(wallets),
  },
];

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** Median over the messages, in ms: a call that the machine interrupts for something else says nothing about the call. */
function timeMs(calls: readonly (() => unknown)[]): number {
  return median(
    calls.map((call) => {
      const startMs = performance.now();
      call();
      return performance.now() - startMs;
    }),
  );
}

// Contenders take turns, so that the machine's mood is shared; the first rounds warm the compiler up.
const times = contenders.map(() => [] as number[]);
for (let round = -5; round < rounds; round++) {
  contenders.forEach(({ prepare }, i) => {
    const passedMs = timeMs(prepare(receipts()));
    if (round >= 0) times[i]!.push(passedMs);
  });
}

const peer = times.at(-1)!;
const rows = contenders.map(({ name }, i) => {
  const ratio = median(times[i]!.map((passedMs, round) => peer[round]! / passedMs));
  return `| ${name} | ${median(times[i]!).toFixed(3)} | ${Math.min(...times[i]!).toFixed(3)} | ${ratio.toFixed(1)} |`;
});
const checkMs = median(times[0]!);

const report = `# Checking a message

Time for one receipt of 206 bytes, in ms, and how many times faster that is than ethers' \`verifyTypedData\` of the same statement
in the same round. Median and fastest round of ${rounds} rounds of ${signers.length} receipts, contenders by turns; ${cpus()[0]?.model.trim() ?? 'unknown CPU'}, one
thread, Node ${process.versions.node}.

| what | ms | fastest round | times faster than ethers |
| --- | ---: | ---: | ---: |
${rows.join('\n')}

Goal: a whole check in at most 0.3 ms. ${checkMs <= 0.3 ? 'Reached' : 'Missed'}: ${checkMs.toFixed(3)} ms.

Made by \`npm run bench wire\`.
`;

process.stdout.write(report);
if (!options['dry-run']) {
  mkdirSync('docs/results', { recursive: true });
  writeFileSync('docs/results/wire.md', report);
}
