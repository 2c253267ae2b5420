// A client with a Trainer's credentials that means harm: what `--config FILE` says, until its standard input ends; then it
// prints what it has done. A process of its own, as it would be.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type NatsLink, openNats } from '#libs/nats';
import type { Digest } from '#libs/protocol';
import { encodeMessage, openPost, openSigner, type Post, type Signer, subjectOf } from '#libs/wire';
import type { Harmed, HostileConfig } from './harms.ts';

class Hostile {
  readonly #config: HostileConfig;
  readonly #link: NatsLink;
  readonly #post: Post;
  readonly #me: Signer;
  /** Somebody whom nobody knows, in the name of this Trainer. */
  readonly #forger: Signer;
  readonly #said: Uint8Array[] = [];
  #sent = 0;

  constructor(config: HostileConfig, link: NatsLink) {
    this.#config = config;
    this.#link = link;
    const { run, chainId, ledger, number } = config;
    this.#post = openPost({ run, chainId: BigInt(chainId), ledger, number: BigInt(number) });
    this.#me = openSigner(Buffer.from(config.key, 'hex'));
    const stranger = openSigner(new Uint8Array(32).fill(7));
    this.#forger = { address: config.me, sign: (digest) => stranger.sign(digest) };
  }

  /** Messages that this process was told of: what its Trainer has said. */
  hear(line: string): void {
    this.#said.push(Buffer.from(line, 'hex'));
  }

  get harmed(): Harmed {
    return { sent: this.#sent };
  }

  /** Called every ten milliseconds. */
  act(): void {
    const { harm, me, other, run } = this.#config;
    const mine = subjectOf({ run, kind: 'receipt', sender: me });
    switch (harm) {
      case 'junk':
        // What the server has said it takes is what an honest client keeps to.
        Object.assign(this.#link.connection.info ?? {}, { max_payload: 1 << 30 });
        this.#say(mine, new Uint8Array(1 << 20).fill(this.#sent));
        return;
      case 'flood':
        for (let i = 0; i < 100; i++) this.#say(mine, new Uint8Array(200).fill(this.#sent));
        return;
      case 'forged':
        for (let i = 0; i < 2; i++) this.#say(mine, this.#receipt(this.#forger));
        return;
      case 'forAnother':
        this.#say(subjectOf({ run, kind: 'receipt', sender: other }), this.#receipt(this.#me));
        this.#say(
          mine,
          this.#receipt({ ...this.#me, address: other, sign: (digest) => this.#me.sign(digest) }),
        );
        return;
      case 'replay':
        if (this.#said.length > 0) this.#say(mine, this.#said[this.#sent % this.#said.length]!);
        return;
    }
  }

  #receipt(signer: Signer): Uint8Array {
    const digest: Digest = `0x${this.#sent.toString(16).padStart(64, '0')}`;
    const body = { sequence: this.#sent, base: 0, sealed: digest, plain: digest, sizeBytes: 1_000 };
    return encodeMessage(this.#post.sign(signer, 'receipt', body));
  }

  #say(subject: string, bytes: Uint8Array): void {
    if (this.#link.state === 'disconnected') return;
    this.#link.connection.publish(subject, bytes);
    this.#sent++;
  }
}

const { values } = parseArgs({ options: { config: { type: 'string', default: '' } } });
const config = JSON.parse(readFileSync(values.config, 'utf8')) as HostileConfig;
const hostile = new Hostile(config, await openNats(config.link));
const timer = setInterval(() => {
  hostile.act();
}, 10);
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  hostile.hear(line);
});
lines.on('close', () => {
  clearInterval(timer);
  process.stdout.write(JSON.stringify(hostile.harmed), () => process.exit());
});
