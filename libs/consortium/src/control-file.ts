import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Fault } from '#libs/fault';
import { type LinkOptions, readTls } from '#libs/nats';
import { type ActorId, isActor } from '#libs/protocol';
import { openSigner, passwordIn, plainKeyIn, readKeystore, type Signer } from '#libs/wire';
import { parse } from 'yaml';
import { z } from 'zod';

const text = z.string().min(1);

// Not strict: the file of a node is one too, and says more.
const schema = z.object({
  run: z
    .object({ ledger: z.custom<ActorId>(isActor, 'expected an address'), number: z.int().min(0) })
    .optional(),
  chain: z.object({ url: text, headsUrl: text.optional() }),
  nats: z
    .object({
      servers: z.array(text).min(1),
      name: text,
      credentialsFile: text.optional(),
      tls: z.object({ caFile: text, certFile: text.optional(), keyFile: text.optional() }).optional(),
    })
    .optional(),
  key: z
    .union([z.object({ keystoreFile: text, passwordFile: text.optional() }), z.object({ localFile: text })])
    .optional(),
});

/** What a command over a running network goes by: where things are, and as whom it comes. Paths are absolute. */
export type ControlFile = z.output<typeof schema>;

/** Reads `control.yaml`, or the file of a node, in YAML or JSON. @throws Fault CONTROL_FILE_INVALID */
export function readControlFile(path: string): ControlFile {
  let problem: string;
  try {
    const read = schema.safeParse(parse(readFileSync(path, 'utf8')));
    if (read.success) return placed(read.data, dirname(path));
    problem = read.error.issues
      .map(({ path: at, message }) => `${at.join('.') || 'the file'}: ${message}`)
      .join('; ');
  } catch (error) {
    problem = (error as Error).message;
  }
  throw new Fault('CONTROL_FILE_INVALID', `${path} does not say how the network is reached: ${problem}`, {
    facts: { path, problem },
    hint: 'flobc keys consortium writes one for every member: members/NAME/control.yaml or node.yaml.',
  });
}

function placed(file: ControlFile, folder: string): ControlFile {
  return JSON.parse(JSON.stringify(file), (name, value: unknown) =>
    name.endsWith('File') && typeof value === 'string' ? resolve(folder, value) : value,
  ) as ControlFile;
}

/** How a member logs in to the NATS servers. @throws Fault CONTROL_FILE_INVALID if a file cannot be read */
export function linkOptionsOf({
  servers,
  name,
  credentialsFile,
  tls,
}: NonNullable<ControlFile['nats']>): LinkOptions {
  return {
    servers,
    name,
    ...(credentialsFile !== undefined && { credentials: contentOf(credentialsFile) }),
    ...(tls !== undefined && { tls: readTls(tls, contentOf) }),
  };
}

/**
 * The key that a member signs transactions with.
 *
 * @param askPassword Asked where no file has the password of the keystore.
 * @throws Fault CONTROL_FILE_INVALID, KEY_INVALID
 */
export async function signerOf(
  key: NonNullable<ControlFile['key']>,
  askPassword: () => Promise<string>,
): Promise<Signer> {
  if ('localFile' in key) return openSigner(plainKeyIn(contentOf(key.localFile)));
  const { keystoreFile, passwordFile } = key;
  const password = passwordFile === undefined ? await askPassword() : passwordIn(contentOf(passwordFile));
  return openSigner(await readKeystore(contentOf(keystoreFile), password));
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Fault(
      'CONTROL_FILE_INVALID',
      `A file that is named cannot be read: ${(cause as Error).message}`,
      {
        facts: { path },
        hint: 'Paths are relative to the file that names them. A password file is yours to write, with mode 600.',
        cause,
      },
    );
  }
}
