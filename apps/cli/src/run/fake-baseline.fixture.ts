import { parseRunFile, type RunPlan } from '#libs/experiment';
import type { CastMember, LocalRecord, RoundRecord, RunInProgress, RunResult } from '#libs/simulation';
import { castOf, shareOf, startMs } from './fake-run.fixture.ts';

/** A baseline as its observers see it: no protocol, and every Trainer's own model is tested before it is merged. */
export class FakeBaseline implements RunInProgress {
  readonly plan: RunPlan;
  readonly cast: readonly CastMember[];
  readonly rounds: RoundRecord[] = [];
  readonly state = null;
  nowMs = startMs;

  static async of(text: string): Promise<FakeBaseline> {
    const { plan } = await parseRunFile(text, { file: 'fake.yaml', folder: '.' });
    return new FakeBaseline(plan);
  }

  private constructor(plan: RunPlan) {
    this.plan = plan;
    this.cast = castOf(plan);
  }

  activityOf(): 'training' {
    return 'training';
  }

  earnedWei(): bigint {
    return 0n;
  }

  *play(): Generator<{ readonly round: RoundRecord }> {
    while (this.rounds.length < this.plan.protocol.maxRounds) {
      const round = this.rounds.length;
      const openedMs = this.nowMs - startMs;
      this.nowMs += 60_000;
      const record = recordOf(round, openedMs, this.cast);
      this.rounds.push(record);
      yield { round: record };
    }
  }

  result(end: RunResult['end'] = 'finished'): RunResult {
    return {
      end,
      rounds: this.rounds,
      actors: this.cast.map((member) => ({ ...member, ...nothingWon, idle: shareOf('idle', member.name) })),
      accuracy: this.rounds.at(-1)?.accuracy ?? null,
      virtualMs: this.nowMs - startMs,
      realSeconds: 2 * this.rounds.length,
    };
  }
}

const nothingWon = {
  ...{ trust: null, accepted: 0, refused: 0, jailedUntilRound: 0 },
  ...{ rewardsWei: 0n, penaltiesWei: 0n, profitWei: 0n, bondWei: 0n },
};

function recordOf(round: number, openedMs: number, cast: readonly CastMember[]): RoundRecord {
  const merged = 0.97 - 0.5 * Math.exp(-round / 8);
  return {
    ...{ round, result: 'released', version: round + 1, openedMs, endedMs: openedMs + 60_000 },
    ...testOf(merged, null),
    locals: cast.map((member) => localOf(member, round)),
    ...{ verdicts: [], trusts: [], penalties: [], agreement: [], gas: 0, messageBytes: 0, blobBytes: 9e6 },
    real: { wall: 2, training: 1.6, scoring: 0, merging: 0.1, chain: 0, testing: 0.3 },
  };
}

const groups = [
  [0, 3],
  [4, 6],
  [7, 9],
] as const;

function localOf({ name, position }: CastMember, round: number): LocalRecord {
  const known = groups[position % groups.length]!;
  return { name, ...testOf(0.4 + 0.3 * (1 - Math.exp(-round / 8)), known) };
}

/** A model that says the digits of the group that it knows twice as often as the others. */
function testOf(accuracy: number, known: readonly [number, number] | null) {
  const perClass = Array.from({ length: 10 }, (_, digit) => {
    const isKnown = known === null || (digit >= known[0] && digit <= known[1]);
    return { examples: 1000, correct: Math.round(1000 * accuracy), predicted: isKnown ? 1000 : 500 };
  });
  return { accuracy, loss: -Math.log(accuracy), perClass };
}
