import type { Endorsement, LedgerCertificate } from '#libs/ports';
import {
  type ActorId,
  type Certified,
  type Digest,
  duties,
  openRound,
  type Round,
  type RunState,
  schemeOf,
  stalenessWeight,
} from '#libs/protocol';
import { encodeLineup } from '#libs/wire';
import { type MergedUpdate, mergeUpdates } from '../merging.ts';
import { releasedBytes } from '../models.ts';
import { ballotsFor, placesOf, preview } from '../preview.ts';
import type { Signed } from '../signature-book.ts';
import type { DutyOf, ValidatorOptions } from './options.ts';
import { seatOf } from './voting.ts';

/** Before trying again what the ledger does not take yet. */
const againMs = 1_000;
/** Scores that one transaction can settle and apply; beyond, it is cut, to stay below 16.78 million gas (EIP-7825). */
const mostAtOnce = 4_096;
const chunk = 128;
/** Validators at whose turn it is together try one after the other. */
const staggerMs = 500;

/** From revealed ballots to a released model. */
export class Settling {
  readonly #options: ValidatorOptions;
  readonly #me: ActorId;

  constructor(options: ValidatorOptions) {
    this.#options = options;
    this.#me = options.signer.address;
  }

  /** Puts a lineup on the ledger, with the signatures of its quorum. */
  async placeLineup({ round, attempt, lineup, entries, signers }: DutyOf<'placeLineup'>): Promise<void> {
    const { follower, ledger } = this.#options;
    const open = openRound(follower.state);
    if (open?.number !== round) return;
    const signed = { kind: 'lineup', round, attempt, parent: open.parent, content: lineup } as const;
    const signatures = this.#signaturesOf(signed, signers, open);
    const encoded = { round, ...encodeLineup(placesOf(follower, entries)) };
    await ledger.rounds.proposeLineup(follower.run.domain.number, encoded, { attempt, signatures });
  }

  async preview({ round }: DutyOf<'previewSettlement'>): Promise<void> {
    const { follower, recall, scoresBase } = this.#options;
    await preview(follower, round, scoresBase, recall);
  }

  /** Merges the accepted updates. Every Validator gets the same bytes, so that a certificate proves the aggregation. */
  async merge({ round, base: version, entries }: DutyOf<'merge'>): Promise<void> {
    const { follower, opener, models, workshop, aggregator, recall, conduct } = this.#options;
    const { state } = follower;
    const seat = seatOf(openRound(state)!, this.#me);
    const base = await models.newest(state);
    if (base === null || state.version !== version) return;
    const policy = policyWeights(state);
    const { staleness } = schemeOf(state.config.scheme);
    const updates = entries.flatMap(({ trainer, sequence, receipt, base: from }): MergedUpdate[] => {
      const update = opener.get(receipt);
      const weight = policy.get(receipt);
      if (update === null || update === undefined || weight === undefined) return [];
      const { delta, samples } = update;
      return [
        { trainer, sequence, delta, samples, weight, stale: stalenessWeight(staleness, version - from) },
      ];
    });
    // Without an update that counts the merge would be another one: others will have it.
    if (updates.length < entries.length) return;
    const key = `merge ${state.release} ${entries.map(({ receipt, weight }) => `${receipt} ${weight}`).join()}`;
    const work = { kind: 'merging', samples: entries.length, parameters: base.values.length } as const;
    const merged = await workshop.run(work, () =>
      recall.once(key, () => releasedBytes(mergeUpdates(base, aggregator, updates))),
    );
    models.keep(merged);
    const said = conduct?.model?.(merged.digest) ?? merged.digest;
    follower.say({ kind: 'merged', round, validator: this.#me, model: said });
    // Whoever settles provides it. All others look later, one after the other, whether it has.
    await this.#sleep((1 + seat) * staggerMs);
    await models.provide(merged.digest);
  }

  /** Settles, and as long as it is asked to and the ledger refuses, again: its clock counts in seconds, and behind. */
  async settle(duty: DutyOf<'settle'>): Promise<void> {
    const { follower } = this.#options;
    const position = Math.max(0, seatOf(openRound(follower.state)!, this.#me));
    if (duty.to === 'anybody' && position > 0) await this.#sleep(position * staggerMs);
    while (this.#isDue(duty)) {
      if (await this.#settleOnce(duty)) return;
      await this.#sleep(againMs);
    }
  }

  async #settleOnce({ round, certified }: DutyOf<'settle'>): Promise<boolean> {
    const { follower, ledger, models, scoresBase } = this.#options;
    const { run } = follower;
    if (certified !== null && !(await models.provide(certified.model))) return false;
    const ballots = ballotsFor(follower, round, scoresBase);
    if (ballots === null) return false;
    const { version } = follower.state;
    const certificate = certified === null ? null : this.#certificate(round, certified);
    const size = ballots.tallies.length * (openRound(follower.state)?.committee.length ?? 1);
    const limit = size > mostAtOnce ? chunk : undefined;
    const sent = await ledger.settlement.settle(run.domain.number, ballots, certificate, limit);
    if (sent.kind === 'reverted' && sent.name !== 'RunLedgerSettlementUnderway') return false;
    if (limit !== undefined && !(await this.#carryOn(round))) return false;
    if (certificate !== null) await this.#publishRelease(version + 1, certificate.modelDigest);
    return true;
  }

  /** Applies a settlement that is decided to those to whom it has not been applied yet; whoever began it. */
  async #carryOn(round: number): Promise<boolean> {
    const { follower, ledger } = this.#options;
    for (;;) {
      await this.#sleep(againMs);
      const open = openRound(follower.state);
      if (open?.number !== round || open.phase.kind !== 'settlement') return true;
      const outcome = follower.begunSettlement;
      if (outcome === null) return false;
      const trainers = open.phase.lineup.entries.map(({ trainer }) => follower.numberOf(trainer));
      await ledger.settlement.continue(follower.run.domain.number, { trainers, outcome }, chunk);
    }
  }

  /** Announces a release that its settler has not, with the signatures that make it one. */
  async announce(version: number, model: Digest): Promise<void> {
    const { follower } = this.#options;
    await this.#sleep(follower.run.config.windows.openingMs / 2);
    if (!follower.certificates.has(version, model)) await this.#publishRelease(version, model);
  }

  async #publishRelease(version: number, model: Digest): Promise<void> {
    const { follower, signer } = this.#options;
    const known = follower.signatures.certificateOf(model);
    if (known === undefined) return;
    const { round, parent } = known.signed;
    const signatures = [...known.signers]
      .map(([validator, signature]) => ({ validator, signature }))
      .sort((a, b) => (a.validator < b.validator ? -1 : 1));
    const body = { version, round, parent, model, signatures };
    await follower.publish(follower.world.post.sign(signer, 'release', body));
  }

  /** With the signatures of the quorum alone: each one more costs gas, and changes nothing. */
  #certificate(round: number, { model, signers }: Certified): LedgerCertificate | null {
    const open = openRound(this.#options.follower.state);
    if (open?.phase.kind !== 'settlement' || open.phase.preview === null) return null;
    const { parent } = open.phase.preview;
    const signed = { kind: 'certificate', round, attempt: 0, parent, content: model } as const;
    return { attempt: 0, modelDigest: model, signatures: this.#signaturesOf(signed, signers, open) };
  }

  #signaturesOf(signed: Signed, signers: readonly ActorId[], open: Round): Endorsement['signatures'] {
    const known = this.#options.follower.signatures.of(signed);
    return signers.flatMap((validator) => {
      const signature = known.get(validator);
      return signature === undefined ? [] : [{ seat: seatOf(open, validator), signature }];
    });
  }

  #isDue(duty: DutyOf<'settle'>): boolean {
    return duties(this.#options.follower.state).some(
      (due) => due.kind === 'settle' && due.round === duty.round && due.attempt === duty.attempt,
    );
  }

  #sleep(durationMs: number): Promise<void> {
    const { clock } = this.#options.follower.world;
    return new Promise((resolve) => {
      clock.at(clock.nowMs() + durationMs, resolve);
    });
  }
}

/** What the policy gives each accepted update of the open round to weigh, by receipt: before staleness. */
function policyWeights(state: RunState): ReadonlyMap<Digest, number> {
  const phase = openRound(state)?.phase;
  if (phase?.kind !== 'settlement' || phase.preview === null) return new Map();
  const { verdicts } = phase.preview.outcome;
  return new Map(phase.lineup.entries.map(({ receipt }, i) => [receipt, verdicts[i]!.weight]));
}
