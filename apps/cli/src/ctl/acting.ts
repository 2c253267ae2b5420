import { Fault } from '#libs/fault';
import type { Done, Refused } from '#libs/ports';
import type { Target } from './target.ts';

export const deeds = ['pause', 'resume', 'finish'] as const;
export type Deed = (typeof deeds)[number];

/** What the Sponsor asks of a run, as a transaction. @throws Fault CHAIN_REFUSED */
export async function act(target: Target, deed: Deed): Promise<Done> {
  const { sponsor } = target.ledger.as(await target.signer());
  const sent = await sponsor[deed](target.run);
  if (sent.kind === 'reverted') throw refused(deed, sent);
  return sent;
}

const hints: Readonly<Record<string, string>> = {
  RunLedgerNotSponsor: "Use the Sponsor's control.yaml: only the account that created the run may do that.",
  RunLedgerPaused: 'It is paused already; flobc ctl resume lets it go on.',
  RunLedgerNotPaused: 'It is not paused; flobc ctl runs shows what it is at.',
  RunLedgerEnded: 'It has ended; flobc ctl models lists what it has released.',
};

const refused = (deed: Deed, { name, args }: Refused): Fault =>
  new Fault('CHAIN_REFUSED', `The ledger refuses to ${deed} the run: ${name}.`, {
    facts: { name, ...args },
    hint: hints[name] ?? 'flobc ctl runs shows what the run is at.',
  });
