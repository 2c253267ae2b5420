import { access, constants } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, resolve as absolute } from 'node:path';
import type { DatasetSource } from '#libs/data';
import { placedSource, sourceOf } from '#libs/experiment';
import type { Path } from '#libs/settings';
import type { NodeSettings } from './schema.ts';

/** A secret: itself, or the file that it is in. */
export interface Password {
  readonly password?: string | undefined;
  readonly passwordFile?: string | undefined;
}

/** Where the run's configuration is: `folder` is what its paths are relative to. */
export interface RunSource {
  readonly kind: 'file' | 'plan';
  readonly path: string;
  readonly folder: string;
}

/** Everything that a node is told, with all paths absolute. */
export interface NodeConfig extends Pick<
  NodeSettings,
  'role' | 'folder' | 'chain' | 'http' | 'log' | 'stopMs' | 'nats' | 'redis'
> {
  readonly name: string;
  readonly run: Pick<NodeSettings['run'], 'ledger' | 'number'> & {
    readonly source: RunSource;
    /** null: the node is not one of the run file's. */
    readonly position: number | null;
  };
  readonly key: ({ readonly localFile: string } | { readonly keystoreFile: string }) & Password;
  readonly workers: number;
  /** The operator's own; null: a part of the run's. */
  readonly data: DatasetSource | null;
}

/** Sections that could be read. */
export type Sections = Partial<NodeSettings>;

type Complain = (path: Path, message: string) => void;

/** Works out what depends on several values, and looks whether the files are there; undefined where a section is wrong. */
export async function resolve(
  sections: Sections,
  { folder, role: asked }: { readonly folder: string; readonly role: NodeConfig['role'] | undefined },
  complain: Complain,
): Promise<NodeConfig | undefined> {
  const { role, run, nats, redis, key, data } = sections;
  if (asked !== undefined && role !== undefined && role !== asked)
    complain(['role'], `this is the file of a ${role}, and a ${asked} was asked for`);
  if (role === 'scheduler' && 'redis' in sections && redis === undefined)
    complain(['redis'], 'missing; a Scheduler needs it');
  if (role !== 'scheduler' && run?.position === undefined && run && 'data' in sections && data === undefined)
    complain(['run', 'position'], "missing; a node without data of its own has a part of the run file's");
  const files = new Files(folder, complain);
  const source = run && (await sourceIn(run, files, complain));
  const signing = key && (await keyIn(key, files, complain));
  const bus = nats && (await natsIn(nats, files, complain));
  const queue = redis && (await passwordIn(['redis'], redis, files, complain));
  const { chain, http, log, stopMs, workers = availableParallelism() } = sections;
  if (!role || !sections.folder || !run || !chain || !http || !log || !stopMs) return undefined;
  if (!source || !signing || !bus) return undefined;
  const { ledger, number, position = null } = run;
  const name = sections.name ?? (position === null ? role : `${role}-${position}`);
  return {
    ...{ role, name, folder: files.at(sections.folder), chain, http, log, stopMs, workers },
    run: { ledger, number, position, source },
    nats: bus,
    redis: redis && { ...redis, ...queue },
    key: signing,
    data: data === undefined ? null : placedSource(sourceOf(data.dataset), folder),
  };
}

/** Paths are relative to the folder of the node file, whoever gives them. */
class Files {
  readonly #folder: string;
  readonly #complain: Complain;

  constructor(folder: string, complain: Complain) {
    this.#folder = folder;
    this.#complain = complain;
  }

  at(path: string): string {
    return absolute(this.#folder, path);
  }

  /** One that has to be there, absolute. */
  async readable(where: Path, path: string): Promise<string> {
    const file = this.at(path);
    await access(file, constants.R_OK).catch((error: unknown) => {
      const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
      this.#complain(where, isAbsent ? `there is no file ${file}` : `${file} cannot be read`);
    });
    return file;
  }
}

async function sourceIn(
  { file, plan, folder }: NodeSettings['run'],
  files: Files,
  complain: Complain,
): Promise<RunSource | undefined> {
  if (file !== undefined && plan !== undefined) complain(['run', 'plan'], 'either file or plan, not both');
  const kind = file === undefined ? 'plan' : 'file';
  const given = file ?? plan;
  if (given === undefined) {
    complain(['run', 'file'], 'missing; expected the run file (or plan: the plan made of it)');
    return undefined;
  }
  const path = await files.readable(['run', kind], given);
  return { kind, path, folder: folder === undefined ? dirname(path) : files.at(folder) };
}

async function keyIn(
  key: NodeSettings['key'],
  files: Files,
  complain: Complain,
): Promise<NodeConfig['key'] | undefined> {
  const { localFile, keystoreFile } = key;
  if (localFile !== undefined && keystoreFile !== undefined)
    complain(['key', 'localFile'], 'either keystoreFile or localFile, not both');
  if (keystoreFile !== undefined) {
    if (key.password === undefined && key.passwordFile === undefined)
      complain(['key', 'passwordFile'], 'missing; expected a file with the password of the keystore');
    const password = await passwordIn(['key'], key, files, complain);
    return { keystoreFile: await files.readable(['key', 'keystoreFile'], keystoreFile), ...password };
  }
  if (localFile !== undefined) return { localFile: await files.readable(['key', 'localFile'], localFile) };
  complain(['key', 'keystoreFile'], 'missing; expected an encrypted keystore');
  return undefined;
}

async function passwordIn(
  where: Path,
  { password, passwordFile }: Password,
  files: Files,
  complain: Complain,
): Promise<Password> {
  if (password !== undefined && passwordFile !== undefined)
    complain([...where, 'password'], 'either password or passwordFile, not both');
  if (passwordFile === undefined) return password === undefined ? {} : { password };
  return { passwordFile: await files.readable([...where, 'passwordFile'], passwordFile) };
}

async function natsIn(
  { tls, credentialsFile, ...rest }: NodeSettings['nats'],
  files: Files,
  complain: Complain,
): Promise<NodeSettings['nats']> {
  const file = async (where: Path, path: string | undefined) =>
    path === undefined ? undefined : files.readable(['nats', ...where], path);
  if (tls && (tls.certFile === undefined) !== (tls.keyFile === undefined))
    complain(['nats', 'tls'], 'certFile and keyFile belong together');
  return {
    ...rest,
    credentialsFile: await file(['credentialsFile'], credentialsFile),
    tls: tls && {
      caFile: await files.readable(['nats', 'tls', 'caFile'], tls.caFile),
      certFile: await file(['tls', 'certFile'], tls.certFile),
      keyFile: await file(['tls', 'keyFile'], tls.keyFile),
    },
  };
}
