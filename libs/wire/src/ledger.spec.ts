import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  AbiCoder,
  Interface,
  keccak256,
  Signature as EthersSignature,
  solidityPackedKeccak256,
  TypedDataEncoder,
  Wallet,
  ZeroAddress,
} from 'ethers';
import fc from 'fast-check';
import { createHardhatRuntimeEnvironment } from 'hardhat/hre';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Digest } from '#libs/protocol';
import { kinds } from './bodies.ts';
import {
  ballotCommitment,
  certificateParent,
  type DecidedVerdict,
  encodeLineup,
  lineupDigest,
} from './digests.ts';
import { packScores, type Signature } from './fields.ts';
import { addressOf, openSigner, recover } from './keys.ts';
import { contentDigest, type Message } from './message.ts';
import {
  actors,
  digests,
  domain,
  domains,
  drafts,
  examples,
  keys,
  messages,
  messagesOf,
} from './messages.fixture.ts';
import { openPost } from './check.ts';
import { openDigests, statementKinds, structOf, structs, typedData } from './statements.ts';
import { domainOf } from './typed-data.ts';

// What nodes sign has to be what the contracts check. The sources of the contracts are asked, not a copy of them.

const root = new URL('../../../', import.meta.url);
const source = (file: string) => readFileSync(new URL(file, root), 'utf8');
const contract = (file: string) => source(`contracts/src/${file}`);
const statements = contract('libraries/Statements.sol');

/** The only place in a source that the pattern finds, white space made equal. */
function found(text: string, pattern: RegExp): string[] {
  const matches = [...text.replace(/\s+/g, ' ').matchAll(new RegExp(pattern, 'g'))];
  expect(matches, String(pattern)).toHaveLength(1);
  return matches[0]!.slice(1).map((group) => group.trim());
}

describe('as the sources of the contracts have it:', () => {
  test('the type of a statement, and the order in which its values are hashed', () => {
    expect(found(statements, /TYPE_HASH = keccak256\( ?"([^"]*)" ?\)/)).toEqual([structs.statement.type]);
    const [order] = found(statements, /keccak256\(abi\.encode\(TYPE_HASH, ([^)]*)\)\)/);
    expect(order!.split(/, ?/)).toEqual(Object.keys(structs.statement.fields));
  });

  test('the numbers of the kinds', () => {
    const [names] = found(contract('types/RunTypes.sol'), /enum StatementKind \{([^}]*)\}/);
    const numbered = names!.split(',').map((name, number) => [name.trim().toLowerCase(), number]);
    expect(Object.fromEntries(numbered)).toEqual(statementKinds);
  });

  test('the domain', () => {
    const { name, version } = domainOf(domain.chainId, domain.ledger);
    expect(found(contract('ledger/Quorums.sol'), /EIP712\("([^"]*)", "([^"]*)"\)/)).toEqual([name, version]);
  });

  test('the hash of a lineup', () => {
    const [, lineup] = found(contract('types/RunTypes.sol'), /struct (Lineup) \{([^}]*)\}/);
    const [order] = found(
      contract('ledger/LedgerBase.sol'),
      /keccak256\(abi\.encode\((run, lineup\.[^)]*)\)\)/,
    );
    const types = order!.split(/, ?/).map((name) => {
      const [, type] = new RegExp(`(\\S+) ${name.replace('lineup.', '')};`).exec(lineup!) ?? [];
      return name === 'run' ? 'uint256' : type!;
    });
    fc.assert(
      fc.property(domains, messagesOf('lineupProposal'), ({ number: run }, { body: { entries, round } }) => {
        const encoded = encodeLineup(entries);
        const { trainers, receiptsRoot } = encoded;
        const number = round % 2 ** 32;
        const values = AbiCoder.defaultAbiCoder().encode(types, [run, number, trainers, receiptsRoot]);
        expect(lineupDigest(run, number, encoded)).toBe(keccak256(values));
        const bits = entries.map((entry) => 1n << BigInt(entry.number));
        const all = trainers.reduce((sum, word, i) => sum | (word << BigInt(256 * i)), 0n);
        expect(all).toBe(bits.reduce((sum, bit) => sum | bit, 0n));
        expect(trainers.at(-1)).not.toBe(0n);
      }),
      { numRuns: 50 },
    );
  });

  test('the parent of a certificate', () => {
    const order = /keccak256\(abi\.encode\((r\.release, r\.lineupHash, decided)\)\)/;
    expect(found(contract('ledger/Settling.sol'), order)).toHaveLength(1);
    const words = /decided := keccak256\(add\(verdicts, 0x20\), mul\(mload\(verdicts\), (0x20)\)\)/;
    expect(found(contract('ledger/Settling.sol'), words)).toHaveLength(1);
    const [packed] = found(
      contract('libraries/VerdictCodec.sol'),
      /pack\(Verdict memory verdict, int16 tally\)[^{]*\{ return (.*?); \}/,
    );
    const uint = (bits: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n });
    const decided = fc.record({
      tally: fc.oneof(fc.integer({ min: -32_767, max: 32_767 }), fc.constant('unavailable' as const)),
      accepted: fc.boolean(),
      trust: fc.nat(1e9),
      mergeWeight: uint(64),
      rewardWei: uint(128),
    });
    /** The Solidity expression, read as what it says. */
    const wordOf = ({ tally, accepted, trust, mergeWeight, rewardWei }: DecidedVerdict): bigint => {
      const score = BigInt.asUintN(16, BigInt(tally === 'unavailable' ? -32_768 : tally));
      const values: Record<string, bigint> = {
        'uint256(verdict.rewardWei)': rewardWei,
        '(uint256(verdict.mergeWeight) << 128)': BigInt(mergeWeight) << 128n,
        '(uint256(verdict.trust) << 192)': BigInt(trust) << 192n,
        '(verdict.accepted ? 1 << 224 : 0)': accepted ? 1n << 224n : 0n,
        '(uint256(uint16(tally)) << 232)': score << 232n,
      };
      return packed!.split(' | ').reduce((word, part) => word | values[part]!, 0n);
    };
    fc.assert(
      fc.property(digests, digests, fc.array(decided, { maxLength: 256 }), (release, lineup, verdicts) => {
        const decided = solidityPackedKeccak256(['uint256[]'], [verdicts.map(wordOf)]);
        const encoded = AbiCoder.defaultAbiCoder().encode(
          ['bytes32', 'bytes32', 'bytes32'],
          [release, lineup, decided],
        );
        expect(certificateParent({ release, lineup, verdicts })).toBe(keccak256(encoded));
      }),
      { numRuns: 100 },
    );
  });

  test('the commitment to a ballot', () => {
    const order = /keccak256\(abi\.encode\((run, round, lineupHash, validator, ballot, salt)\)\)/;
    expect(found(contract('ledger/LedgerBase.sol'), order)).toHaveLength(1);
    const types = ['uint256', 'uint32', 'bytes32', 'address', 'bytes', 'bytes32'];
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
        fc.nat(),
        actors,
        drafts.ballot,
        (run, round, validator, body) => {
          const { lineup, scores, salt } = body;
          const values = [run, round, lineup, validator, packScores(scores), salt];
          const encoded = AbiCoder.defaultAbiCoder().encode(types, values);
          expect(ballotCommitment({ run, round, lineup, validator, scores, salt })).toBe(keccak256(encoded));
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('as ethers has it:', () => {
  const options = { numRuns: 40 };

  test.each(kinds)('the digest that the sender of a %s signs', (kind) => {
    fc.assert(
      fc.property(domains, messagesOf(kind), (there, message) => {
        const { domain: of, types, values } = typedData(there, message);
        const mutable = Object.fromEntries(
          Object.entries(types).map(([name, fields]) => [name, [...fields]]),
        );
        expect(openDigests(there)(structOf(there, message))).toBe(TypedDataEncoder.hash(of, mutable, values));
      }),
      options,
    );
  });

  test('signatures and addresses', () => {
    fc.assert(
      fc.property(keys, digests, (key, digest) => {
        const wallet = new Wallet(`0x${Buffer.from(key).toString('hex')}`);
        const signer = openSigner(key);
        expect(signer.address).toBe(wallet.address.toLowerCase());
        expect(EthersSignature.from(wallet.signingKey.sign(digest)).compactSerialized).toBe(
          signer.sign(digest),
        );
      }),
      options,
    );
  });
});

/** The contracts' library behind two functions of its own: compiled in a second, where the whole ledger takes many. */
const harness = `
  pragma solidity ^0.8.28;
  import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
  import {Statements} from "contracts/src/libraries/Statements.sol";
  import {StatementKind} from "contracts/src/types/RunTypes.sol";

  contract Harness is EIP712("FLoBC", "1") {
    function signer(
      StatementKind kind, uint256 run, uint64 number, uint8 attempt, bytes32 parent, bytes32 content,
      bytes calldata signatures
    ) external view returns (bytes32 digest, address account) {
      digest = _hashTypedDataV4(Statements.structHash(kind, run, number, attempt, parent, content));
      account = Statements.signer(digest, signatures, 0);
    }
  }`;

interface Solc {
  compile(input: string, readers: { import: (path: string) => { contents: string } }): string;
}

interface Compiled {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: {
    readonly 'Harness.sol': {
      readonly Harness: { readonly abi: []; readonly evm: { bytecode: { object: string } } };
    };
  };
}

function compiled(): Compiled['contracts']['Harness.sol']['Harness'] {
  const solc = createRequire(import.meta.url)('solc') as Solc;
  const input = {
    language: 'Solidity',
    sources: { 'Harness.sol': { content: harness } },
    settings: { outputSelection: { '*': { Harness: ['abi', 'evm.bytecode'] } } },
  };
  const read = (path: string) => ({ contents: source(path.startsWith('@') ? `node_modules/${path}` : path) });
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: read })) as Compiled;
  expect(output.errors?.filter(({ severity }) => severity === 'error')).toEqual([]);
  return output.contracts['Harness.sol'].Harness;
}

describe("as the contracts' own code has it, on an EVM:", () => {
  let close: () => Promise<void>;
  let ask: (message: Message) => Promise<readonly unknown[]>;
  let there = domain;

  beforeAll(async () => {
    const { abi, evm } = compiled();
    const hre = await createHardhatRuntimeEnvironment({});
    const connection = await hre.network.create();
    close = () => connection.close();
    const request = (method: string, ...params: unknown[]): Promise<unknown> =>
      connection.provider.request({ method, params });
    const [from] = (await request('eth_accounts')) as string[];
    const hash = await request('eth_sendTransaction', { from, data: `0x${evm.bytecode.object}` });
    const { contractAddress: to } = (await request('eth_getTransactionReceipt', hash)) as {
      contractAddress: `0x${string}`;
    };
    const chainId = BigInt((await request('eth_chainId')) as string);
    there = { ...domain, chainId, ledger: to };
    const contract = new Interface(abi);
    ask = async (message) => {
      const { kind, run, number, attempt, parent, content } = structOf(there, message).values as Record<
        string,
        unknown
      >;
      const values = [kind, run, number, attempt, parent, content, message.signature];
      const data = contract.encodeFunctionData('signer', values);
      const answer = (await request('eth_call', { to, data }, 'latest')) as string;
      return contract.decodeFunctionResult('signer', answer).toArray() as unknown[];
    };
  });
  afterAll(() => close());

  test.each(['receipt', 'lineupProposal', 'lineupSignature', 'certificateSignature'] as const)(
    'the digest and the signer of a %s',
    async (kind) => {
      await fc.assert(
        fc.asyncProperty(keys, drafts[kind], async (key, body) => {
          const signer = openSigner(key);
          const message = openPost(there).sign(signer, kind, body);
          const [digest, account] = await ask(message);
          expect(digest).toBe(openDigests(there)(structOf(there, message)));
          expect(String(account).toLowerCase()).toBe(signer.address);
        }),
        { numRuns: 20 },
      );
    },
  );

  test('who has made a signature, at the edges of what a signature can be', async () => {
    const half = BigInt('0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0');
    const word = (value: bigint) => value.toString(16).padStart(64, '0');
    const draft = openPost(there).sign(openSigner(new Uint8Array(32).fill(9)), 'receipt', examples.receipt);
    const honest = BigInt(draft.signature.slice(0, 66));
    const rs = fc.oneof(
      fc.constantFrom(0n, 1n, honest, 2n * half, 2n * half + 1n, 2n ** 256n - 1n),
      fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
    );
    const ss = fc.oneof(
      fc.constantFrom(0n, 1n, half, half + 1n, 2n ** 255n - 1n),
      fc.bigInt({ min: 0n, max: half }),
    );
    const answers = { somebody: 0, nobody: 0 };
    await fc.assert(
      fc.asyncProperty(rs, ss, fc.boolean(), async (r, s, odd) => {
        const signature: Signature = `0x${word(r)}${word(odd ? s | (1n << 255n) : s)}`;
        const [digest, account] = (await ask({ ...draft, signature })) as [Digest, string];
        const key = recover(digest, signature);
        answers[key === null ? 'nobody' : 'somebody']++;
        expect(key === null ? ZeroAddress : addressOf(key)).toBe(account.toLowerCase());
      }),
      { numRuns: 300, examples: [half, half + 1n].map((s) => [honest, s, false]) },
    );
    expect(Math.min(...Object.values(answers))).toBeGreaterThan(30);
  });
});

test('only what the ledger can be shown is a statement', () => {
  fc.assert(
    fc.property(messages, (message) => {
      const isStatement = ['receipt', 'lineupProposal', 'lineupSignature', 'certificateSignature'].includes(
        message.kind,
      );
      const { struct, values } = structOf(domain, message);
      expect(struct === structs.statement).toBe(isStatement);
      if (message.kind === 'receipt') expect(values.content).toBe(contentDigest(message));
    }),
    { numRuns: 100 },
  );
});
