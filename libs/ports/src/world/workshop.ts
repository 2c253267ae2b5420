/** Work on tensors, and what it costs: the simulator turns it into virtual time. */
export interface Work {
  readonly kind: 'training' | 'scoring' | 'merging' | 'testing';
  /** Examples that pass through the model; a training counts each as three. */
  readonly samples: number;
  /** Length of the model's vector of parameters. */
  readonly parameters: number;
}

/** Where a node has its tensor work done. */
export interface Workshop {
  /** Does the job; its result is there when the job is done, in the simulator at `now + cost(work, speed of the node)`. */
  run<T>(work: Work, job: () => Promise<T>): Promise<T>;
}
