import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import {
  billion,
  type Event,
  type EventOf,
  openRound,
  type RunState,
  valuesOf,
  type Verdict,
} from '#libs/protocol';
import { PhaseTimes } from './phase-times.ts';
import { soon } from './soon.ts';

export interface MetricsOptions {
  /** The node's name. */
  readonly node: string;
  /** Only what a role does is measured. */
  readonly role: 'trainer' | 'validator' | 'scheduler';
}

/**
 * What a node measures. All that is about the run is read from its events, those from before the node was started too: the
 * totals are of the run, and the same after a restart. docs/metrics.md has the table.
 */
export class RunMetrics {
  /** Asks for no duties: it only looks on. */
  readonly actor = null;
  readonly #process = new Registry();
  readonly #run = new Registry();
  readonly #phases: PhaseTimes;
  readonly #rounds = this.#counter('rounds_total', 'Rounds that have ended, by how.', ['outcome']);
  readonly #round = this.#gauge('round', 'The round that is open, or the next one.');
  readonly #version = this.#gauge('model_version', 'The newest released model.');
  readonly #phaseSeconds = this.#histogram('phase_seconds', 'How long phases took.', ['phase'], phaseBuckets);
  readonly #verdicts = this.#counter('verdicts_total', 'Updates that were judged, and why.', [
    'verdict',
    'reason',
  ]);
  readonly #rejections = this.#counter('rejections_total', 'Inputs that the protocol refused.', ['code']);
  readonly #trust = this.#gauge('trust', 'Trust of a Trainer, 0 to 1.', ['trainer']);
  readonly #gas = this.#counter('gas_total', "Gas of this node's transactions.", ['operation']);
  readonly #bytes = this.#counter('bytes_total', 'Messages and objects that were moved.', [
    'direction',
    'kind',
  ]);
  readonly #samples: Counter | null = null;
  readonly #samplesPerSecond: Gauge | null = null;
  readonly #jobsLate: Histogram | null = null;

  constructor({ node, role }: MetricsOptions) {
    for (const registry of [this.#process, this.#run]) registry.setDefaultLabels({ node, role });
    if (role === 'trainer') {
      this.#samples = this.#counter('training_samples_total', 'Examples trained on, each pass counted.');
      this.#samplesPerSecond = this.#gauge('training_samples_per_second', 'In the last training.');
    }
    if (role === 'scheduler')
      this.#jobsLate = this.#histogram('jobs_late_seconds', 'How late jobs were begun.', [], lateBuckets);
    collectDefaultMetrics({ register: this.#process, eventLoopMonitoringPrecision: delayEveryMs });
    this.#phases = new PhaseTimes((phase, seconds) => {
      this.#phaseSeconds.observe({ phase }, seconds);
    });
  }

  /** In the format of Prometheus. @param hasRun False while the events of the run are still being read: totals would jump. */
  async text(hasRun: boolean): Promise<string> {
    const process = await this.#process.metrics();
    return hasRun ? `${process}\n${await this.#run.metrics()}` : process;
  }

  get contentType(): string {
    return this.#run.contentType;
  }

  see(events: readonly Event[], state: RunState): void {
    this.#phases.see(events, state);
    this.#round.set(openRound(state)?.number ?? state.rounds);
    this.#version.set(state.version);
    for (const event of events) this.#count(event);
    if (events.some(({ kind }) => kind === 'roundSettled' || kind === 'membersChanged'))
      this.#setTrust(state);
  }

  #count(event: Event): void {
    if (event.kind === 'roundSettled') this.#settle(event);
    if (event.kind === 'roundVoided') this.#rounds.inc({ outcome: 'void' });
    if (event.kind === 'inputRejected') this.#rejections.inc({ code: event.code });
  }

  #settle({ released, outcome }: EventOf<'roundSettled'>): void {
    this.#rounds.inc({ outcome: released ? 'released' : 'settled' });
    for (const verdict of outcome.verdicts)
      this.#verdicts.inc({ verdict: verdict.accepted ? 'accepted' : 'refused', reason: reasonOf(verdict) });
  }

  #setTrust({ trainers }: RunState): void {
    this.#trust.reset();
    for (const { id, trust } of valuesOf(trainers)) this.#trust.set({ trainer: id }, trust / billion);
  }

  /** A transaction of this node is in a block. */
  spent(operation: string, gasUsed: bigint): void {
    this.#gas.inc({ operation }, Number(gasUsed));
  }

  /** @param kind Of a message or an object. */
  moved(direction: 'in' | 'out', kind: string, bytes: number): void {
    this.#bytes.inc({ direction, kind }, bytes);
  }

  /** A training has ended. */
  trained(samples: number, seconds: number): void {
    this.#samples?.inc(samples);
    if (seconds > 0) this.#samplesPerSecond?.set(samples / seconds);
  }

  /** A job of the queue is being done. */
  jobDone(lateMs: number): void {
    this.#jobsLate?.observe(lateMs / 1000);
  }

  /** A value that is asked for whenever the metrics are; what cannot be had in time stays what it was. */
  ask(
    name: string,
    help: string,
    look: () => Promise<Readonly<Record<string, number>> | null>,
    label?: string,
  ): void {
    const gauge = this.#gauge(name, help, label === undefined ? [] : [label], async () => {
      const values = await soon(look(), patienceMs);
      for (const [key, value] of Object.entries(values ?? {}))
        gauge.set(label === undefined ? {} : { [label]: key }, value);
    });
  }

  /** Counts that somebody else keeps. */
  tell(name: string, help: string, label: string, look: () => Iterable<readonly [string, number]>): void {
    const counter: Counter = this.#counter(name, help, [label], () => {
      counter.reset();
      for (const [key, value] of look()) counter.inc({ [label]: key }, value);
    });
  }

  #counter(name: string, help: string, labelNames: readonly string[] = [], collect?: () => void): Counter {
    return new Counter({
      name: `flobc_${name}`,
      help,
      labelNames,
      registers: [this.#run],
      ...(collect && { collect }),
    });
  }

  #gauge(
    name: string,
    help: string,
    labelNames: readonly string[] = [],
    collect?: () => Promise<void>,
  ): Gauge {
    return new Gauge({
      name: `flobc_${name}`,
      help,
      labelNames,
      registers: [this.#run],
      ...(collect && { collect }),
    });
  }

  #histogram(
    name: string,
    help: string,
    labelNames: readonly string[],
    buckets: readonly number[],
  ): Histogram {
    return new Histogram({
      name: `flobc_${name}`,
      help,
      labelNames,
      buckets: [...buckets],
      registers: [this.#run],
    });
  }
}

const phaseBuckets = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600];
/** How often the event loop's delay is looked at. Each look wakes the process; every 10 ms took a third of a Trainer's CPU (ADR 89). */
const delayEveryMs = 100;

const lateBuckets = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30];

/** Whoever asks for metrics waits some seconds for all of them. */
const patienceMs = 1_000;

/** What Validators have found; what follows from it is the policy's. */
function reasonOf({ tally }: Verdict): 'improves' | 'worsens' | 'unavailable' {
  if (tally === 'unavailable') return 'unavailable';
  return tally > 0 ? 'improves' : 'worsens';
}
