import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault } from '#libs/fault';
import type { Hex } from '#libs/wire';
import type { PolicyParameter } from '../run-plan.ts';
import { type AbiInput, encodeArguments } from './abi-arguments.ts';

export interface CompiledPolicy {
  /** Of the contract, with the constructor's arguments appended: what `Chain.deployPolicy` takes. */
  readonly creationCode: Hex;
  readonly name: string;
}

/** As `contracts/hardhat.config.ts` compiles the policies of the product; a test holds the two together. */
export const compilerSettings = {
  evmVersion: 'osaka',
  viaIR: true,
  optimizer: { enabled: true, runs: 200 },
} as const;

/** Largest code of a contract (EIP-170). */
const mostCodeBytes = 24_576;

const interfaceFile = 'contracts/src/interfaces/IPolicy.sol';

/** The folder with the contracts: that of the checkout or package that this runs from, from source or built. */
function productFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, interfaceFile))) {
    if (folder === dirname(folder)) throw new Error(`there is no ${interfaceFile} above ${import.meta.url}`);
    folder = dirname(folder);
  }
  return folder;
}

/**
 * Compiles a policy of the user's own. It may import `flobc/...` (the product's `contracts/src`), `@openzeppelin/contracts/...`,
 * and files beside it. Takes a few seconds, in this thread; the same file again takes none.
 *
 * @throws Fault `POLICY_NOT_COMPILED` with the compiler's message, file and line; `OPTION_INVALID` for wrong parameters
 */
export async function compilePolicy(
  path: string,
  parameters: readonly PolicyParameter[] = [],
): Promise<CompiledPolicy> {
  const contract = await contractOf(resolve(path), path);
  const constructor = contract.abi.find(({ type }) => type === 'constructor');
  const encoded = encodeArguments(constructor?.inputs ?? [], parameters);
  if ('problems' in encoded)
    throw new Fault(
      'OPTION_INVALID',
      `The parameters of ${contract.name} (${path}): ${encoded.problems.join('; ')}`,
      {
        facts: { path, problems: encoded.problems },
        hint: "Give policy.parameters as the list of the constructor's arguments, in their order.",
      },
    );
  return { creationCode: `0x${contract.code}${encoded.code.slice(2)}`, name: contract.name };
}

interface PolicyContract {
  readonly name: string;
  readonly abi: readonly { readonly type: string; readonly inputs?: readonly AbiInput[] }[];
  /** Hexadecimal digits. */
  readonly code: string;
}

const compiled = new Map<string, PolicyContract>();

async function contractOf(file: string, path: string): Promise<PolicyContract> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw notCompiled(path, [`${path}: ${(cause as Error).message}`], 'Check the path.', cause);
  }
  const key = `${file} ${createHash('sha256').update(text).digest('hex')}`;
  const known = compiled.get(key);
  if (known) return known;
  const contract = await compile(file, path, text);
  compiled.set(key, contract);
  return contract;
}

interface Output {
  readonly errors?: readonly {
    readonly severity: string;
    readonly message: string;
    readonly sourceLocation?: { readonly file: string; readonly start: number };
  }[];
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, OutputContract>>>>;
}

interface OutputContract {
  readonly abi: PolicyContract['abi'];
  readonly evm: {
    readonly bytecode: { readonly object: string };
    readonly deployedBytecode: { readonly object: string };
    readonly methodIdentifiers: Readonly<Record<string, string>>;
  };
}

async function compile(file: string, path: string, text: string): Promise<PolicyContract> {
  const root = productFolder();
  const within = relative(join(root, 'contracts/src'), file);
  const unit = within.startsWith('..') ? file : `contracts/src/${within}`;
  const sources = new Map([[unit, text]]);
  const input = {
    language: 'Solidity',
    sources: {
      [unit]: { content: text },
      [interfaceFile]: { content: readFileSync(join(root, interfaceFile), 'utf8') },
    },
    settings: {
      ...compilerSettings,
      remappings: ['flobc/=contracts/src/'],
      // Code only of what is in the file itself: of what it imports it would take several times as long.
      outputSelection: {
        [unit]: {
          '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object', 'evm.methodIdentifiers'],
        },
        [interfaceFile]: { '*': ['evm.methodIdentifiers'] },
      },
    },
  };
  // Nine megabytes of compiler are loaded only by who brings a policy.
  const { default: solc } = (await import('solc')) as { default: Compiler };
  const output = JSON.parse(
    solc.compile(JSON.stringify(input), { import: (name) => importOf(name, root, sources) }),
  ) as Output;
  const errors = (output.errors ?? []).filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    const lines = errors.map(({ message, sourceLocation: at }) =>
      at ? `${place(at, sources, unit, path)}  ${message}` : message,
    );
    throw notCompiled(path, lines, 'Correct the lines that are listed; contracts/src/policies has examples.');
  }
  return chosen(output, unit, path);
}

interface Compiler {
  compile(
    input: string,
    callbacks: { import: (name: string) => { contents: string } | { error: string } },
  ): string;
}

function importOf(
  name: string,
  root: string,
  sources: Map<string, string>,
): { contents: string } | { error: string } {
  if (!name.endsWith('.sol')) return { error: 'only .sol files can be imported' };
  try {
    const file = name.startsWith('@openzeppelin/')
      ? createRequire(join(root, 'package.json')).resolve(name)
      : resolve(root, name);
    const contents = readFileSync(file, 'utf8');
    sources.set(name, contents);
    return { contents };
  } catch {
    return { error: `there is no file ${name}; those of the product are imported as flobc/...` };
  }
}

function place(
  { file, start }: { file: string; start: number },
  sources: ReadonlyMap<string, string>,
  unit: string,
  path: string,
): string {
  const name = file === unit ? path : file;
  const text = sources.get(file);
  if (text === undefined || start < 0) return name;
  // Places are counted in bytes.
  const before = Buffer.from(text).subarray(0, start).toString().split('\n');
  return `${name}:${before.length}:${before.at(-1)!.length + 1}`;
}

/** The contract of the file that can be deployed; of several the one that is called like the file. */
function chosen({ contracts = {} }: Output, unit: string, path: string): PolicyContract {
  const all = Object.entries(contracts[unit] ?? {}).filter(([, { evm }]) => evm.bytecode.object !== '');
  const [name, contract] =
    all.length === 1 ? all[0]! : (all.find(([candidate]) => candidate === basename(path, '.sol')) ?? []);
  if (name === undefined || contract === undefined) {
    const there = all.length === 0 ? 'no contract that can be deployed' : all.map(([n]) => n).join(', ');
    throw notCompiled(
      path,
      [`${path} has ${there}`],
      'Call the policy like its file, or leave only one in it.',
    );
  }
  const { bytecode, deployedBytecode, methodIdentifiers } = contract.evm;
  const needed = contracts[interfaceFile]!.IPolicy!.evm.methodIdentifiers;
  const missing = Object.entries(needed)
    .filter(([signature, selector]) => methodIdentifiers[signature] !== selector)
    .map(([signature]) => signature.slice(0, signature.indexOf('(')));
  if (missing.length > 0)
    throw notCompiled(
      path,
      [`${path}: ${name} is no policy: it lacks ${missing.join(' and ')} of IPolicy`],
      'Import "flobc/interfaces/IPolicy.sol" and let the contract be an IPolicy.',
    );
  if (bytecode.object.includes('__$'))
    throw notCompiled(
      path,
      [`${path}: ${name} needs a library that is deployed by itself`],
      'Make its functions internal.',
    );
  const sizeBytes = deployedBytecode.object.length / 2;
  if (sizeBytes > mostCodeBytes)
    throw notCompiled(
      path,
      [`${path}: ${name} has ${sizeBytes} bytes of code`],
      `A contract has at most ${mostCodeBytes}.`,
    );
  return { name, abi: contract.abi, code: bytecode.object };
}

function notCompiled(path: string, lines: readonly string[], hint: string, cause?: unknown): Fault {
  const message = `The policy ${path} cannot be used:\n${lines.map((line) => `  ${line}`).join('\n')}`;
  return new Fault('POLICY_NOT_COMPILED', message, { facts: { path, problems: lines }, hint, cause });
}
