import { describe, expect, test } from 'vitest';
import type { Digest, Entry } from '#libs/protocol';
import { actor, entryOf, me, stateIn, trainingFrom, Watching } from '../situations.fixture.ts';
import { copycat } from './copycat.ts';

const other = actor(2);

/** A copycat, and updates that are opened before its eyes: the n-th holds the number n. */
function stage() {
  const follower = new Watching();
  const updates = new Map<Digest, Float32Array>();
  const opener = {
    get: (receipt: Digest) => {
      const delta = updates.get(receipt);
      return delta && { trainer: other, receipt, delta, samples: 1 };
    },
  };
  const { instead } = copycat({ me, follower, opener });
  return {
    updates,
    sends: () => instead!(trainingFrom([])),
    opens: ({ trainer, sequence, receipt }: Entry, value: number, intact = true): void => {
      if (intact) updates.set(receipt, Float32Array.of(value));
      follower.state = stateIn({ kind: 'opening', lineup: { entries: [{ trainer, sequence, receipt }] } });
      follower.see({ kind: 'updateOpened', round: 0, trainer, sequence, intact });
    },
  };
}

describe('a copycat', () => {
  test('trains as long as there is nothing to copy', () => {
    expect(stage().sends()).toBeNull();
  });

  test('sends the newest update of somebody else, also when the opener has forgotten it', () => {
    const { sends, opens, updates } = stage();
    opens(entryOf(other, 0), 5);
    opens(entryOf(actor(3), 0), 6);
    updates.clear();
    expect([...sends()!]).toEqual([6]);
  });

  test('copies neither its own updates nor what could not be opened', () => {
    const { sends, opens } = stage();
    opens(entryOf(other, 0), 5);
    opens(entryOf(me, 0), 6);
    opens(entryOf(actor(3), 0), 7, false);
    expect([...sends()!]).toEqual([5]);
  });

  test('cannot do without an opener', () => {
    expect(() => copycat({ me, follower: new Watching(), opener: null })).toThrow('opener');
  });
});
