import { JetStreamApiError } from '@nats-io/jetstream';
import { Fault } from '#libs/fault';
import type { ActorId, Digest } from '#libs/protocol';
import { subjectsOf } from '#libs/wire';
import { isAbsent, streamInfo } from './api.ts';
import { busFault } from './bus-faults.ts';
import type { NatsLink } from './link.ts';
import { inletOf, streamOf, streamOfBucket, updatesOf } from './names.ts';

/** A run on servers that others use too: its streams go by its configuration, which somebody else may run as well. */
export interface Claim {
  readonly run: Digest;
  /** Known to whoever made the inlet. */
  readonly mark: string;
}

/** Whose the streams of a run are. @throws Fault BUS_REFUSED if the server has no JetStream for us */
export async function ownerOfRun(link: NatsLink, { run, mark }: Claim): Promise<'us' | 'another' | 'nobody'> {
  try {
    const { config } = await streamInfo(link, inletOf(run));
    return config.description === mark ? 'us' : 'another';
  } catch (error) {
    if (isAbsent(error)) return 'nobody';
    throw await withoutJetStream(link, error);
  }
}

/** Makes the inlet of a run and marks it as ours; `prepareRun` does the rest. Of two who try one succeeds. */
export async function claimRun(link: NatsLink, { run, mark }: Claim): Promise<void> {
  const stream = { name: inletOf(run), subjects: [subjectsOf(run)], description: mark };
  try {
    await link.manager.streams.add(stream);
  } catch (error) {
    throw busFault(error, `the stream ${stream.name}`);
  }
}

/** Removes what is a run's alone: its streams, and the updates of its Trainers. What others have marked stays. */
export async function forgetRun(link: NatsLink, claim: Claim, trainers: readonly ActorId[]): Promise<void> {
  if ((await ownerOfRun(link, claim)) === 'us') {
    await remove(link, streamOf(claim.run));
    // The mark goes last: what was interrupted is done again.
    await remove(link, inletOf(claim.run));
  }
  for (const trainer of trainers) await remove(link, streamOfBucket(updatesOf(trainer)));
}

async function remove(link: NatsLink, stream: string): Promise<void> {
  try {
    await link.manager.streams.delete(stream);
  } catch (error) {
    if (!isAbsent(error)) throw busFault(error, `the stream ${stream}`);
  }
}

/** Nobody answers where a server has no JetStream; where only the account has none, it says so. */
async function withoutJetStream(link: NatsLink, error: unknown): Promise<unknown> {
  const answer: unknown = await link.manager.getAccountInfo().catch((cause: unknown) => cause);
  if (!(answer instanceof Error) || !isOff(answer)) return busFault(error, 'JetStream');
  const server = link.connection.getServer();
  return new Fault('BUS_REFUSED', `The NATS server at ${server} has no JetStream for this user.`, {
    facts: { server, reason: answer.message },
    hint: 'Start it with JetStream (nats-server -js, or a block jetstream {} in its configuration), and allow the account to use it.',
    cause: error,
  });
}

const isOff = (answer: Error): boolean =>
  answer instanceof JetStreamApiError || answer.name === 'JetStreamNotEnabled';
