import { writeFileSync } from 'node:fs';
import { Fault } from '#libs/fault';
import { NatsBlobs } from '#libs/nats';
import type { Digest } from '#libs/protocol';
import { readHistory } from './history.ts';
import type { Target } from './target.ts';

/** A model that was released. */
export interface ModelRow {
  readonly version: number;
  readonly round: number;
  /** SHA-256 of its bytes. */
  readonly model: Digest;
  /** Unix seconds. */
  readonly releasedAt: number;
}

export async function modelsOf({ ledger, run }: Target): Promise<ModelRow[]> {
  const { rounds } = await readHistory(ledger, run);
  return rounds.flatMap(({ round, version, model, endedAt }) =>
    version === null ? [] : [{ version, round, model: model!, releasedAt: endedAt! }],
  );
}

/** No model is larger than what its bucket holds. */
const mostBytes = 512 * 1024 * 1024;

/**
 * Fetches a released model: safetensors, whose digest is the one that the Validators have signed and the ledger holds.
 *
 * @param version Its number, or `latest`.
 * @throws Fault OPTION_INVALID if there is no such version, BLOBS_REFUSED if it is not kept any more
 */
export async function fetchModel(target: Target, version: string, path: string): Promise<ModelRow> {
  const all = await modelsOf(target);
  const row = version === 'latest' ? all.at(-1) : all.find((one) => String(one.version) === version);
  if (row === undefined) throw noVersion(version, all.length);
  const link = await target.link();
  if (link === null) throw noServers();
  const bytes = await new NatsBlobs(link, { patienceMs: 10_000 }).get(row.model, mostBytes);
  if (bytes === null) throw gone(row);
  try {
    writeFileSync(path, bytes);
  } catch (cause) {
    throw new Fault('OPTION_INVALID', `--out: ${path} cannot be written: ${(cause as Error).message}`, {
      facts: { path },
      hint: 'Name a file in a folder that exists and may be written to.',
      cause,
    });
  }
  return row;
}

const noVersion = (version: string, count: number): Fault =>
  new Fault('OPTION_INVALID', `The run has no model of version "${version}".`, {
    facts: { version, released: count },
    hint: count === 0 ? 'It has released none yet.' : `Versions are 1 to ${count}; or say latest.`,
  });

const noServers = (): Fault =>
  new Fault(
    'CONTROL_FILE_INVALID',
    'The file does not say where the NATS servers are, which have the models.',
    {
      hint: 'Use a control.yaml with a section nats.',
    },
  );

const gone = ({ version, model }: ModelRow): Fault =>
  new Fault('BLOBS_REFUSED', `The model of version ${version} is not kept any more.`, {
    facts: { version, model },
    hint: 'Servers keep the newest; the run folder of whoever followed the run, with keep.models: all, has it.',
  });
