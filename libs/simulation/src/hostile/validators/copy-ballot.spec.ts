import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Actor, done, only, type RevealedBallot, Stage } from '#libs/ports';
import type { Digest } from '#libs/protocol';
import { ballotCommitment } from '#libs/wire';
import { type ChainUnderTest, inProcessWorld } from '#libs/testkit';
import { actor, ballotOn, digest, me, stateIn, Watching } from '../situations.fixture.ts';
import { copyBallot } from './copy-ballot.ts';

const other = actor(2);
const commitPhase = { kind: 'commit', dueMs: 100 };

/** A copier in a commit phase that lasts until 100. */
function copier(commitments: object | null = null) {
  const follower = new Watching();
  follower.state = stateIn({ ...commitPhase, commitments });
  const { commitment } = copyBallot({ me, follower });
  return { follower, commitment: () => commitment!({ ...ballotOn([]), state: follower.state }) };
}

const table = (key: string, value: Digest) => ({ key, value, size: 1, left: null, right: null });

describe('a Validator that copies commitments', () => {
  test('takes one that is on the ledger, unless it is its own', async () => {
    expect(await copier(table(other, digest(7))).commitment()).toBe(digest(7));
    const { follower, commitment } = copier(table(me, digest(8)));
    const waited = commitment();
    follower.passTime(50);
    expect(await waited).toBeNull();
  });

  test('waits for the first one of somebody else', async () => {
    const { follower, commitment } = copier();
    const waited = commitment();
    follower.see({ kind: 'ballotCommitted', validator: me, commitment: digest(8) });
    follower.see({ kind: 'ballotCommitted', validator: other, commitment: digest(9) });
    expect(await waited).toBe(digest(9));
  });

  test('commits to its own ballot when there is none in half of the time', async () => {
    const { follower, commitment } = copier();
    const waited = commitment();
    follower.passTime(49);
    follower.passTime(50);
    expect(await waited).toBeNull();
    follower.see({ kind: 'ballotCommitted', validator: other, commitment: digest(9) });
  });
});

describe('on the ledger', () => {
  let world: ChainUnderTest;
  beforeAll(async () => {
    world = await inProcessWorld();
  });
  afterAll(() => world.close());

  test('a copied commitment cannot be revealed, and costs reward and bond', async () => {
    const stage = await Stage.of(world, 3, 3);
    const { run, ledger, sponsor } = stage;
    await stage.open();
    await stage.propose();
    const { round, committee, lineupHash: lineup } = await stage.state();
    const [first, second, thief] = committee.map(({ validator }) =>
      stage.validators.find(({ id }) => id === validator)!,
    );
    const [one, two, three] = await stage.ballots();
    const commitmentOf = ({ id: validator }: Actor, { scores, salt }: RevealedBallot) =>
      ballotCommitment({ run, round, lineup, validator, scores, salt });
    const honest = commitmentOf(first!, one!);
    done(await first!.act.rounds.commit(run, round, 0, honest));
    done(await second!.act.rounds.commit(run, round, 1, commitmentOf(second!, two!)));
    const copied = await copier(table(first!.id, honest)).commitment();
    expect(copied).toBe(honest);
    done(await thief!.act.rounds.commit(run, round, 2, copied!));

    done(await sponsor.act.rounds.reveal(run, round, [one!, two!]));
    for (const ballot of [{ ...one!, seat: 2 }, three!])
      expect(await thief!.act.rounds.reveal(run, round, [ballot])).toMatchObject({
        name: 'RunLedgerCommitmentMismatch',
      });
    await world.passTime(stage.config.windows.revealSeconds + 1);
    done(await sponsor.act.rounds.closePhase(run));
    const { account, penaltyWei } = only((await stage.settle(digest(99))).events, 'penalised');
    expect(account).toBe(thief!.id);
    expect(penaltyWei).toBeGreaterThan(0n);
    const credits = await Promise.all([first!, thief!].map(({ id }) => ledger.member(run, id)));
    expect(credits[0]!.creditWei).toBeGreaterThan(0n);
    expect(credits[1]!.creditWei).toBe(0n);
  });
});
