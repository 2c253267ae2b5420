import type { RunFolder } from '#libs/experiment';
import type { Change } from '#libs/ports';
import type { ActorId, Digest } from '#libs/protocol';
import type { Deployment } from '#libs/simulation';
import { openPost, type Post } from '#libs/wire';
import { type Cast, castFromSeed } from './cast.ts';
import { deployAgain } from './chain/deployment.ts';
import { compareLive } from './chain/live.ts';
import { checkMoney, type Money } from './chain/money.ts';
import { type Executed, Replica } from './chain/replica.ts';
import { differs } from './difference.ts';
import { readFolder } from './folder.ts';
import { Merges } from './learning/merges.ts';
import { retest } from './learning/retest.ts';
import { Updates } from './learning/updates.ts';
import { type AskWorkbench, openWorkbench, type Workbench } from './learning/workbench.ts';
import { isAction, LedgerInputs } from './replay/ledger-inputs.ts';
import { LineupReceipts } from './replay/lineup-receipts.ts';
import { Observer } from './replay/observer.ts';
import { Replay } from './replay/replay.ts';
import { type Counts, noCounts, type Report } from './report.ts';
import { GasMeter } from './results/gas.ts';
import { checkRounds } from './results/rounds.ts';
import { checkSummary } from './results/summary.ts';
import { receiptsIn, type Statement, statementsOf } from './statements.ts';
import type { Progress, VerifyOptions } from './options.ts';

/** A run that was deployed once more, and is being followed. */
interface Scene {
  readonly folder: RunFolder;
  readonly cast: Cast;
  readonly replica: Replica;
  readonly deployment: Deployment;
  readonly statements: readonly Statement[];
  readonly updates: Updates;
  readonly workbench: AskWorkbench;
  readonly observer: Observer;
  readonly replay: Replay;
  readonly gas: GasMeter;
  /** Every block so far, with what the ledger said in it. */
  readonly changes: Change[];
}

/** One folder being checked, step by step. */
export class Checking {
  readonly #path: string;
  readonly #options: VerifyOptions;
  readonly #startMs = performance.now();
  readonly #notes: string[] = [];
  readonly #toClose: (() => Promise<void>)[] = [];
  #run: Report['run'] = null;
  #counts: Counts = noCounts;
  #stateRoot: Digest | null = null;
  #money: Money | null = null;
  #replica: Replica | null = null;
  #replay: Replay | null = null;

  constructor(path: string, options: VerifyOptions) {
    this.#path = path;
    this.#options = options;
  }

  get report(): Report {
    const followed = this.#replay?.counts;
    return {
      path: this.#path,
      run: this.#run,
      counts: { ...this.#counts, transactions: this.#replica?.executed ?? 0, ...followed },
      stateRoot: this.#stateRoot,
      money: this.#money,
      notes: this.#notes,
      seconds: (performance.now() - this.#startMs) / 1000,
    };
  }

  async run(): Promise<void> {
    const read = new Set<Digest>();
    const folder = noting(await readFolder(this.#path), read);
    const { plan, manifest } = folder;
    this.#run = { name: plan.name, seed: plan.seed, digest: manifest.run };
    if (folder.summary === undefined)
      this.#notes.push('the run was killed: it is checked as far as it was written down');
    const scene = await this.#set(folder);
    await scene.replay.run();
    await this.#executeRest(scene);
    this.#requireJoined(scene);
    await this.#checkResults(scene);
    await this.#checkMerges(scene);
    await this.#retest(scene);
    await this.#checkBlobs(scene, read);
    await this.#compareLive(scene);
  }

  async close(): Promise<void> {
    for (const close of this.#toClose) await close();
  }

  /** Deploys the run, and sets everybody to where it begins. */
  async #set(folder: RunFolder): Promise<Scene> {
    const { plan, manifest } = folder;
    const cast = castFromSeed(plan);
    const replica = await Replica.open(this.#options.openChain, folder.transactions);
    this.#replica = replica;
    this.#toClose.push(() => replica.chain.close());
    const place = manifest.ledger!;
    const { deployment, notes } = await deployAgain(plan, cast, replica, place, this.#root);
    this.#notes.push(...notes);
    const { ledger, run, config } = deployment;
    const { chainId } = replica.chain;
    const post = openPost({ run: config.run, chainId, ledger: ledger.addresses.ledger, number: run });
    const statements = statementsOf(folder.statements, post, cast.names);
    this.#count({ statements: statements.length });
    const workbench = this.#workbenchFor(folder);
    const updates = new Updates(folder, statements, workbench);
    const observer = new Observer(deployment, new LineupReceipts(config.run, receiptsIn(statements)));
    const stage = { folder, cast, replica, deployment, statements, updates, workbench, observer };
    return { ...stage, ...this.#follow(stage, post) };
  }

  #follow(
    stage: Omit<Scene, 'replay' | 'gas' | 'changes'>,
    post: Post,
  ): Pick<Scene, 'replay' | 'gas' | 'changes'> {
    const { folder, cast, replica, deployment, statements, updates, observer } = stage;
    const { ledger, sent, createdMs } = deployment;
    const changes = sent.flatMap((one): Change[] =>
      one.kind === 'done' ? [{ kind: 'added', block: one.block, events: one.events }] : [],
    );
    const gas = new GasMeter(folder.plan.network.latencyMs);
    gas.skip(replica.executed);
    const onExecuted = (executed: Executed) => {
      requireKnown(executed, cast);
      gas.see(executed, isAction(executed, ledger.addresses.token));
      changes.push(executed.change);
    };
    replica.attach(ledger);
    const ledgerInputs = new LedgerInputs(replica, observer, ledger.addresses.token, changes, onExecuted);
    const total = folder.inputs.length;
    const onInput = () => {
      this.#tell('inputs', replay.counts.inputs, total);
    };
    const all = { folder, statements, observer, ledger, ledgerInputs, updates, post, createdMs, onInput };
    const replay = new Replay(all);
    this.#replay = replay;
    return { replay, gas, changes };
  }

  /** The model, when something is to be opened with it: most folders that were forged differ before. */
  #workbenchFor({ plan }: RunFolder): AskWorkbench {
    let opening: Promise<Workbench | null> | null = null;
    const open = async (): Promise<Workbench | null> => {
      const workbench = await openWorkbench(plan, this.#root);
      if ('missing' in workbench) {
        this.#notes.push(`no update was opened, and no merge recomputed: ${workbench.missing}`);
        return null;
      }
      this.#toClose.push(() => workbench.learner.close());
      return workbench;
    };
    return () => (opening ??= open());
  }

  /** Transactions that no input needed: what came after the run, and what the observer was not told of any more. */
  async #executeRest({ replica, replay, folder }: Scene): Promise<void> {
    while (await replay.executeNext())
      this.#tell('transactions', replica.executed, folder.transactions.length);
    this.#stateRoot = await replica.chain.stateRoot();
  }

  #requireJoined({ changes, statements }: Scene): void {
    const joined = new Set<ActorId>();
    for (const { events } of changes)
      for (const event of events) if (event.kind === 'memberJoined') joined.add(event.account);
    for (const { place, message } of statements)
      if (!joined.has(message.sender))
        throw differs(place, `is of ${message.sender}, who never joined the run`);
  }

  async #checkResults({
    folder,
    cast,
    deployment,
    observer,
    replay,
    replica,
    gas,
    changes,
  }: Scene): Promise<void> {
    const { rounds, summary } = folder;
    const facts = replay.rounds.ended;
    const { ledger, run, createdMs } = deployment;
    const isWhole = summary !== undefined && summary.outcome !== 'stopped';
    checkRounds(rounds, facts, gas, isWhole);
    this.#count({ rounds: rounds.length });
    if (summary !== undefined) {
      const { fromMs, toMs } = replay.over;
      const over = { fromMs: fromMs - createdMs, toMs: toMs - createdMs };
      const end = { state: observer.state, stateRoot: this.#stateRoot!, over, actors: cast.actors };
      await checkSummary(summary, folder, { ...end, facts, ledger, run });
    }
    this.#money = await checkMoney(
      replica.chain,
      ledger,
      run,
      changes.flatMap(({ events }) => events),
    );
  }

  /** What its name says, and something that belongs to the run. @param read Those that were held against it already. */
  async #checkBlobs({ folder, statements, replay }: Scene, read: ReadonlySet<Digest>): Promise<void> {
    const known = new Set(replay.releases.map(({ model }) => model));
    for (const { message } of statements) if (message.kind === 'receipt') known.add(message.body.sealed);
    for (const digest of folder.blobs) {
      if (!read.has(digest)) await folder.blob(digest);
      if (!known.has(digest) && folder.summary !== undefined)
        throw differs({ file: `blobs/${digest.slice(2)}` }, 'is no update and no model of this run');
      this.#count({ blobs: this.#counts.blobs + 1 });
      this.#tell('blobs', this.#counts.blobs, folder.blobs.size);
    }
  }

  async #checkMerges({ folder, replay, updates, workbench, observer }: Scene): Promise<void> {
    const { releases } = replay;
    const merges = new Merges(folder, updates, workbench);
    let recomputed = 0;
    for (const [i, release] of releases.entries()) {
      if (await merges.check(release)) recomputed++;
      this.#count({ merges: { recomputed, missing: i + 1 - recomputed } });
      this.#tell('merges', i + 1, releases.length);
    }
    const { unsigned } = observer.receipts;
    if (unsigned > 0)
      this.#notes.push(`${unsigned} receipts in lineups were never heard: only their digests are known`);
  }

  async #retest({ folder, replay, workbench }: Scene): Promise<void> {
    const bench = this.#options.retest === true ? await workbench() : null;
    if (bench === null) return;
    const tested = await retest(folder, bench, replay.rounds.ended, replay.releases, this.#root);
    if (typeof tested === 'number') this.#count({ retested: tested });
    else this.#notes.push(`no model was tested: ${tested.missing}`);
  }

  async #compareLive({ deployment, changes }: Scene): Promise<void> {
    const { live } = this.#options;
    if (live === undefined) return;
    const { run, ledger } = deployment;
    this.#count({ live: await compareLive(live, ledger.addresses.ledger, run, changes) });
  }

  get #root(): string {
    return this.#options.root ?? '.';
  }

  #count(more: Partial<Counts>): void {
    this.#counts = { ...this.#counts, ...more };
  }

  #tell(what: Progress['what'], done: number, total: number): void {
    this.#options.onProgress?.({ what, done, total });
  }
}

function requireKnown({ place, from }: Executed, { names }: Cast): void {
  if (!names.has(from)) throw differs(place, `is of ${from}, who is nobody in this run`);
}

/** The folder, noting which blobs are read: each is held against its name every time. */
const noting = (folder: RunFolder, read: Set<Digest>): RunFolder => ({
  ...folder,
  blob(digest) {
    read.add(digest);
    return folder.blob(digest);
  },
});
