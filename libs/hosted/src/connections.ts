import { type JsonRpcOptions, openJsonRpcChain } from '#libs/evm';
import type { RunPlan } from '#libs/experiment';
import { type LinkOptions, NatsBlobs, type NatsLink, openNats } from '#libs/nats';
import type { Run } from '#libs/node';
import type { Blobs, Chain, Ledger } from '#libs/ports';
import type { ActorId } from '#libs/protocol';
import { findRun } from './find-run.ts';

/** Where a run is to be found. */
export interface Destinations {
  readonly nats: LinkOptions;
  readonly chain: JsonRpcOptions;
  readonly ledger: ActorId;
  readonly run: bigint;
}

/** What a process of a run is connected to. */
export interface Connections {
  readonly link: NatsLink;
  readonly blobs: Blobs;
  readonly chain: Chain;
  readonly ledger: Ledger;
  readonly run: Run;
  close(): Promise<void>;
}

/** Reaches the chain and NATS, and finds the run there. @throws Fault of whichever cannot be had */
export async function connect(to: Destinations, plan: RunPlan): Promise<Connections> {
  const chain = await openJsonRpcChain(to.chain);
  try {
    const ledger = await chain.attach(to.ledger);
    const run = await findRun(chain, ledger, to.run, plan);
    const link = await openNats(to.nats);
    const close = async (): Promise<void> => {
      await link.close();
      await chain.close();
    };
    return { link, blobs: new NatsBlobs(link), chain, ledger, run, close };
  } catch (error) {
    await chain.close();
    throw error;
  }
}
