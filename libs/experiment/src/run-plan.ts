import type { DatasetSource, PartitionPlan } from '#libs/data';
import type { AggregatorSpec, BackendChoice, CodecName, Hyper } from '#libs/learning';
import type { Digest, RunConfig, SchemeConfig, Windows } from '#libs/protocol';

/**
 * A run with every default filled in: what a run file resolves to, and what an engine carries out. Plain data; its
 * canonical JSON is the configuration whose digest is on chain. Durations in ms, tokens in wei, probabilities in [0, 1].
 */
export interface RunPlan {
  readonly name: string;
  readonly seed: string;
  readonly coordination: Coordination;
  /** A model that ships, or the path of one. Here and everywhere: paths as the run file has them, relative to its folder. */
  readonly model: string;
  readonly data: DataPlan;
  readonly learning: LearningPlan;
  readonly trainers: readonly TrainerPlan[];
  readonly validators: readonly ValidatorPlan[];
  readonly protocol: ProtocolPlan;
  readonly policy: PolicyPlan;
  readonly economy: Economy;
  readonly network: NetworkPlan;
  /** What the run folder keeps besides what `flobc verify` must have. Changes no result, and is not in the digest. */
  readonly keep: { readonly updates: boolean; readonly models: 'all' | 'last' | 'none' };
  /** SHA-256 of the model's and the policy's file, by path: what they say is part of the configuration. */
  readonly files: Readonly<Record<string, Digest>>;
}

/**
 * Who merges. `flobc`: Trainers and Validators by the protocol. `fedavg`: one server averages all updates of a round, no
 * votes, no chain. `pooled`: one model on all Trainers' data. `alone`: each Trainer by itself.
 */
export type Coordination = 'flobc' | 'fedavg' | 'pooled' | 'alone';

export interface DataPlan {
  /** What `loadDataset` takes, the scale of bytes included. */
  readonly source: DatasetSource;
  readonly partition: PartitionChoice;
  /** null: all that the hold-outs leave, dealt out. */
  readonly samplesPerTrainer: number | null;
  readonly samplesPerValidator: number;
  /** Share of its shard that a Trainer draws anew for every round; 1: all of it. */
  readonly sharePerRound: number;
  /** Examples of the test set that are evaluated after every release; null: all. */
  readonly testSamples: number | null;
}

type ChoiceOf<P> = P extends PartitionPlan ? Pick<P, 'kind' | 'parameters'> : never;
/** A partition without its numbers of actors and examples; spread into those it is a `PartitionPlan`. */
export type PartitionChoice = ChoiceOf<PartitionPlan>;

export interface LearningPlan {
  readonly backend: BackendChoice;
  /** null: what the model says it was trained with, else what suits the data. */
  readonly loss: string | null;
  readonly hyper: Hyper;
  /** The learning rate is multiplied by `factor` after every round, down to `least`. */
  readonly decay: { readonly factor: number; readonly least: number };
  readonly aggregator: AggregatorSpec;
  readonly scoring: 'leaveOneOut' | 'standalone' | 'accuracy';
  readonly codec: CodecName;
}

export interface ActorPlan {
  /** Times as fast as the machine that costs are stated for. */
  readonly speed: number;
  readonly bondWei: bigint;
  /** Round before which it joins; 0: from the start. */
  readonly joinsAtRound: number;
}

export interface TrainerPlan extends ActorPlan {
  readonly behaviour: TrainerBehaviour;
}

export interface ValidatorPlan extends ActorPlan {
  readonly behaviour: ValidatorBehaviour;
}

/** What a Trainer does; the rest of it is the honest node. */
export type TrainerBehaviour =
  | { readonly kind: 'honest' }
  /** Adds Gaussian noise of this standard deviation to its update. */
  | { readonly kind: 'noise'; readonly std: number }
  | { readonly kind: 'signFlip'; readonly factor: number }
  /** Trains on labels y' = classes - 1 - y. */
  | { readonly kind: 'labelFlip' }
  /** A share of its examples carries a patch in a corner and the target's label. */
  | { readonly kind: 'backdoor'; readonly share: number; readonly target: number }
  | { readonly kind: 'scale'; readonly factor: number }
  | { readonly kind: 'freeRide'; readonly with: 'zeros' | 'random' | 'last' }
  /** Sends the newest update of somebody else that it can read as its own. */
  | { readonly kind: 'copycat' }
  /** Takes longer: a training's time is multiplied by a draw, exponential with this mean, plus 1. */
  | { readonly kind: 'straggler'; readonly mean: number }
  /** At every training, with this probability, is down for `downMs`. */
  | { readonly kind: 'crash'; readonly p: number; readonly downMs: number }
  | { readonly kind: 'badBytes'; readonly with: 'nan' | 'shape' | 'truncated' }
  | { readonly kind: 'withholdKey'; readonly p: number };

export type ValidatorBehaviour =
  | { readonly kind: 'honest' }
  | { readonly kind: 'lazy'; readonly with: 'constant' | 'random' }
  | { readonly kind: 'voteFlip' }
  /** Up for friends (Trainers by position), down for others; all with the same `group` do the same. */
  | { readonly kind: 'collude'; readonly group: string; readonly friends: readonly number[] }
  | { readonly kind: 'absent'; readonly p: number }
  | { readonly kind: 'neverReveal' }
  | { readonly kind: 'copyBallot' }
  | { readonly kind: 'wrongDigest' }
  /** Leaves the receipts of these Trainers (by position) out of its lineups. */
  | { readonly kind: 'censor'; readonly trainers: readonly number[] };

/** The part of the configuration that the protocol knows, without the run's digest. */
export interface ProtocolPlan extends Omit<RunConfig, 'run' | 'initialTrust'> {
  readonly scheme: SchemeConfig;
  readonly windows: Windows;
}

/** What is judged and paid: a contract of the product by its name, or a `.sol` file; parameters go to its constructor. */
export type PolicyPlan = {
  readonly parameters: readonly PolicyParameter[];
  /** Gas that the policy may use to judge a round. */
  readonly gas: number;
} & ({ readonly kind: 'product'; readonly name: string } | { readonly kind: 'file'; readonly path: string });

export type PolicyParameter = number | string | boolean;

export interface Economy {
  /** What the Sponsor funds the run with, and what one round may pay. */
  readonly budgetWei: bigint;
  readonly poolWei: bigint;
  /** Tokens that every actor comes with; its bond is taken from them. */
  readonly purseWei: bigint;
  /** The least bonds with which one takes part. */
  readonly trainerBondWei: bigint;
  readonly validatorBondWei: bigint;
  /** How much longer than a whole round the bond of one who leaves stays within reach of a penalty. */
  readonly evidenceMs: number;
}

/**
 * The simulated network: one class of link for every site, and what goes wrong with it when. Sites are `scheduler`,
 * `trainer-N` and `validator-N`, N being the position in `trainers` or `validators`, from 0.
 */
export interface NetworkPlan {
  readonly latencyMs: number;
  /** Added to every message and receiver, uniform in [0, jitterMs). */
  readonly jitterMs: number;
  /** Of blobs, per site. */
  readonly bytesPerSecond: number;
  readonly loss: number;
  readonly duplication: number;
  /** Share of messages that are held back by up to ten latencies. */
  readonly reordering: number;
  readonly blockMs: number;
  readonly partitions: readonly {
    readonly fromMs: number;
    readonly toMs: number;
    readonly sites: readonly string[];
  }[];
  readonly crashes: readonly { readonly site: string; readonly atMs: number; readonly downMs: number }[];
}
