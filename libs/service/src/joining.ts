import { Fault } from '#libs/fault';
import type { Follower } from '#libs/node';
import type { Sent } from '#libs/ports';
import type { Membership } from './membership.ts';

/**
 * Sees to it that the node is a member of its run: bonds what is missing and joins, where it has not yet. One that the run file
 * lets in at a later round waits for that. @throws Fault MEMBER_REFUSED, or whatever keeps a transaction from being done
 */
export async function join(membership: Membership, follower: Follower): Promise<void> {
  await roundOf(membership, follower);
  const { config, connections, signer, log } = membership;
  const { role } = config;
  const { ledger, run } = connections;
  const { number } = run.domain;
  const member = await ledger.member(number, signer.address);
  if (member.role === role || role === 'scheduler') return;
  if (member.role !== 'none') throw refused(signer.address, `it is a ${member.role} there`, {});
  const { terms } = (await ledger.run(number))!.config;
  const neededWei = role === 'trainer' ? terms.trainerBondWei : terms.validatorBondWei;
  const lacksWei = neededWei - member.bondWei;
  if (lacksWei > member.balanceWei)
    throw refused(
      signer.address,
      `it has ${tokens(member.balanceWei)} tokens and needs ${tokens(lacksWei)} for its bond`,
      { balanceWei: member.balanceWei, lacksWei },
    );
  const { membership: acts } = ledger.as(signer);
  const act = async (sending: Promise<Sent>): Promise<void> => {
    const sent = await sending;
    if (sent.kind === 'reverted') throw refused(signer.address, sent.name, sent.args);
  };
  if (lacksWei > 0n) await act(acts.bond(number, lacksWei));
  await act(acts.join(number, role));
  log.info({ bond: tokens(lacksWei) }, 'joined');
}

/** Resolves when it is time for the node to join: at once, unless its place in the run file says at which round. */
function roundOf({ plan, config }: Membership, follower: Follower): Promise<void> {
  const { role, run } = config;
  const actors = role === 'trainer' ? plan.trainers : plan.validators;
  const joinsAtRound = actors[run.position ?? -1]?.joinsAtRound ?? 0;
  const isTime = (rounds: number) => rounds >= joinsAtRound;
  if (isTime(follower.state.rounds)) return Promise.resolve();
  return new Promise((resolve) => {
    const detach = follower.attach({
      actor: null,
      begin: ({ rounds }) => {
        if (!isTime(rounds)) return;
        // Not in the middle of the round's own calls.
        queueMicrotask(detach);
        resolve();
      },
    });
  });
}

const tokens = (wei: bigint): string => (Number(wei) / 1e18).toString();

const refused = (address: string, why: string, facts: Record<string, unknown>): Fault =>
  new Fault('MEMBER_REFUSED', `The account ${address} cannot join the run: ${why}.`, {
    facts: { address, ...facts },
    hint: 'Send it the tokens that its bond needs, or use the key of an account that may join.',
  });
