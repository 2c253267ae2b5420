import { describe, expect, test } from 'vitest';
import { configOf, gathering, openRun, trainerId, validatorId } from '../../../test/soak/cast.ts';
import { opened } from '../../../test/soak/chain.ts';
import { carryOut, type Journal } from '../../../test/soak/honest.ts';
import { createRun, type Effect, type Event, type Input, openRound, type RunState, step } from './index.ts';

/** Runs on with everybody honest and nothing lost, each deed done at once, until no round is open or `until` holds. */
function play(start: RunState, first: readonly Input[], until: (state: RunState) => boolean) {
  const events: Event[] = [];
  const effects: Effect[] = [];
  const journals = new Map<string, Journal>();
  const queue = [...first];
  let state = start;
  for (let input = queue.shift(); input !== undefined && !until(state); input = queue.shift()) {
    const result = step(state, input);
    state = result.state;
    events.push(...result.events);
    effects.push(...result.effects);
    for (const effect of result.effects) {
      if (!('round' in effect)) continue;
      const actor = effect.to === 'anybody' ? validatorId(0) : effect.to;
      const journal = journals.get(actor) ?? (new Map() as Journal);
      journals.set(actor, journal);
      const said =
        effect.kind === 'openRound'
          ? opened(state)
          : carryOut(effect, actor, journal, state).map((deed) => deed.said);
      queue.push(...said.map((one) => ({ ...one, atMs: state.nowMs + 1 })));
    }
  }
  return { state, events, effects };
}

describe('a round of BSP with everybody there', () => {
  const config = configOf({ minTrainers: 3, minValidators: 3, maxRounds: 1 });
  const { state, events } = play(createRun(config, 0), gathering(3, [1n, 1n, 1n]), () => false);

  test('goes from open to release', () => {
    expect(state.stage).toEqual({ kind: 'finished' });
    expect(state.version).toBe(1);
    // One follower stands for three Validators here: each of them previews the same settlement, and each shows its ballot
    // first on the bus, then on the ledger.
    expect(state.rejections).toEqual({ duplicate: 4, stale: 1 });
    expect(events.map((event) => (event.kind === 'phaseOpened' ? event.phase : event.kind)))
      .toMatchInlineSnapshot(`
        [
          "runFunded",
          "joinAsked",
          "joinAsked",
          "joinAsked",
          "joinAsked",
          "joinAsked",
          "joinAsked",
          "membersChanged",
          "roundOpened",
          "receiptAccepted",
          "receiptAccepted",
          "receiptAccepted",
          "lineup",
          "lineupProposed",
          "lineupSigned",
          "lineupSigned",
          "lineupPlaced",
          "updateOpened",
          "updateOpened",
          "updateOpened",
          "commit",
          "updatesScored",
          "updatesScored",
          "updatesScored",
          "ballotCommitted",
          "ballotCommitted",
          "ballotCommitted",
          "reveal",
          "ballotRevealed",
          "inputRejected",
          "ballotRevealed",
          "inputRejected",
          "ballotRevealed",
          "settlement",
          "ballotsTallied",
          "inputRejected",
          "settlementPreviewed",
          "inputRejected",
          "inputRejected",
          "updatesMerged",
          "updatesMerged",
          "updatesMerged",
          "certificateSigned",
          "certificateSigned",
          "modelCertified",
          "certificateSigned",
          "roundSettled",
          "modelReleased",
          "runFinished",
        ]
      `);
  });

  test('the first round opens with the members that the ledger has', () => {
    expect(openRound(openRun({}, 3, [1n, 2n, 4n]))).toMatchObject({
      number: 0,
      version: 0,
      attendance: { expected: 3, present: 0, current: 0, ready: 0 },
      committee: [1n, 2n, 4n].map((bondWei, i) => ({ id: validatorId(i), bondWei })),
    });
    expect(trainerId(0)).toMatch(/^0x/);
  });
});
