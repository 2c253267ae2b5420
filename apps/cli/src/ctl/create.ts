import { readFileSync, writeFileSync } from 'node:fs';
import {
  type ConsortiumFile,
  type ConsortiumFolder,
  linkOptionsOf,
  readControlFile,
  signerOf,
  writeNodeFiles,
} from '#libs/consortium';
import { openJsonRpcChain } from '#libs/evm';
import {
  checkPlan,
  configurationDigest,
  loadRunFile,
  parsePlan,
  planJson,
  policyOf,
  refuseProblems,
  type RunPlan,
} from '#libs/experiment';
import { Fault } from '#libs/fault';
import { giveCoins } from '#libs/local';
import { openNats, prepareRun } from '#libs/nats';
import type { Chain, Ledger } from '#libs/ports';
import { found } from '#libs/simulation';
import type { Signer } from '#libs/wire';

export interface Ground {
  readonly folder: ConsortiumFolder;
  /** Give accounts coins, as development chains can. */
  readonly coins: boolean;
  /** Of the Sponsor's key. */
  readonly password: () => Promise<string>;
  readonly say: (what: string) => void;
}

export interface Creating extends Ground {
  readonly file: string;
  readonly set: readonly string[];
  readonly another: boolean;
}

type RunPlace = NonNullable<ConsortiumFile['run']>;

/** Members that may ever come: as many as a lineup and a committee hold. */
const mostMembers = 256n + 32n;

/** Deploys a run for a consortium and tells every member where it is. @throws Fault of whatever is not as it should be */
export async function createRun({ folder, file, set, another, ...ground }: Creating): Promise<RunPlace> {
  const consortium = folder.read();
  if (consortium.run !== null && !another) throw hasRun(folder, consortium.run);
  const loaded = await loadRunFile(file, set);
  refuseProblems(loaded, await checkPlan(loaded.plan, loaded.folder));
  const { plan } = loaded;
  requirePlaces(plan, consortium);
  return asSponsor({ folder, ...ground }, consortium, async (chain, sponsor) => {
    await prepareStreams({ folder, ...ground }, plan, consortium);
    ground.say('deploying the contracts, creating and funding the run');
    const { budgetWei, purseWei } = plan.economy;
    const { ledger, run } = await found(plan, chain, await policyOf(plan, loaded.folder), sponsor, {
      members: pursesOf(consortium),
      capWei: budgetWei + mostMembers * purseWei,
    });
    const place = { ledger: ledger.addresses.ledger, number: Number(run) };
    writeFileSync(folder.place('plan.json'), JSON.stringify(planJson(plan)));
    tellMembers(folder, { ...consortium, run: place });
    return place;
  });
}

/** Streams, purses and coins for members that were admitted since; those who have theirs get nothing more. */
export async function equipMembers({ folder, ...ground }: Ground): Promise<RunPlace> {
  const consortium = folder.read();
  const place = consortium.run;
  if (place === null)
    throw new Fault('OPTION_INVALID', 'The consortium has no run yet.', { hint: 'Name a run file.' });
  const plan = parsePlan(JSON.parse(readFileSync(folder.place('plan.json'), 'utf8')));
  return asSponsor({ folder, ...ground }, consortium, async (chain, sponsor) => {
    await prepareStreams({ folder, ...ground }, plan, consortium);
    await fillPurses(await chain.attach(place.ledger), BigInt(place.number), sponsor, plan, consortium);
    tellMembers(folder, consortium);
    return place;
  });
}

async function asSponsor<Result>(
  { folder, coins, password }: Ground,
  consortium: ConsortiumFile,
  use: (chain: Chain, sponsor: Signer) => Promise<Result>,
): Promise<Result> {
  const { chain: at, key } = readControlFile(folder.member('sponsor', 'control.yaml'));
  const keystore = key as { readonly keystoreFile: string };
  const sponsor = await signerOf({ keystoreFile: keystore.keystoreFile }, password);
  if (coins)
    await giveCoins(
      at.url,
      consortium.members.flatMap(({ address }) => (address === null ? [] : [address])),
    );
  const chain = await openJsonRpcChain({
    url: at.url,
    patienceMs: 10_000,
    ...(at.headsUrl !== undefined && { headsUrl: at.headsUrl }),
  });
  try {
    return await use(chain, sponsor);
  } finally {
    await chain.close();
  }
}

async function prepareStreams({ folder, say }: Ground, plan: RunPlan, { members, nats }: ConsortiumFile) {
  say('making the streams of the run');
  const operator = readControlFile(folder.member('operator', 'control.yaml')).nats!;
  const link = await openNats(linkOptionsOf(operator));
  const trainers = members.flatMap(({ role, address }) => (role === 'trainer' ? [address!] : []));
  try {
    const replicas = nats.hosts.length >= 3 ? 3 : 1;
    await prepareRun(link, { run: configurationDigest(plan), trainers, replicas });
  } finally {
    await link.close();
  }
}

const pursesOf = ({ members }: ConsortiumFile) =>
  members.flatMap(({ role, name, address }) =>
    role === 'trainer' || role === 'validator' ? [{ id: address!, name }] : [],
  );

/** Whoever is not a member of the run and has no tokens has not had its purse. */
async function fillPurses(
  ledger: Ledger,
  run: bigint,
  sponsor: Signer,
  { economy }: RunPlan,
  consortium: ConsortiumFile,
): Promise<void> {
  for (const { id, name } of pursesOf(consortium)) {
    const { index, balanceWei, bondWei } = await ledger.member(run, id);
    if (index !== 0 || balanceWei > 0n || bondWei > 0n) continue;
    const sent = await ledger.as(sponsor).token.mint(id, economy.purseWei);
    if (sent.kind === 'reverted')
      throw new Fault('CHAIN_REFUSED', `The token refuses the purse of ${name}: ${sent.name}.`, {
        facts: { name: sent.name, ...sent.args },
        hint: 'The cap of the token is reached, or the Sponsor of the run is another.',
      });
  }
}

function tellMembers(folder: ConsortiumFolder, file: ConsortiumFile): void {
  folder.write(file);
  writeNodeFiles(folder, file);
}

function requirePlaces({ trainers, validators }: RunPlan, { members }: ConsortiumFile): void {
  const count = (role: string): number => members.filter((member) => member.role === role).length;
  if (trainers.length <= count('trainer') && validators.length <= count('validator')) return;
  const message = `The run file has ${trainers.length} Trainers and ${validators.length} Validators, the consortium ${count('trainer')} and ${count('validator')}.`;
  throw new Fault('OPTION_INVALID', message, {
    facts: { trainers: trainers.length, validators: validators.length },
    hint: 'Change the run file, by --set trainers.count=N --set validators.count=N for instance, or admit more members.',
  });
}

const hasRun = ({ path }: ConsortiumFolder, run: RunPlace): Fault =>
  new Fault('OPTION_INVALID', `${path} has run ${run.number} on ${run.ledger} already.`, {
    facts: { ...run },
    hint: 'Without a run file it is made ready for new members; --another creates one more, which all node files then name.',
  });
