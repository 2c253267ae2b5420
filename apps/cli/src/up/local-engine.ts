import { configurationDigest, located, openRunFolder, type RunPlan } from '#libs/experiment';
import { Fault, isFault } from '#libs/fault';
import { type ExternalServers, externalsOf, networkFolderFor } from '#libs/local';
import type { Carried, Engine, EngineOptions } from '../run/engine.ts';
import { manifestOf } from '../run/manifest.ts';
import { simulatedEngine } from '../run/simulated-engine.ts';
import { type ExternalOptions, readExternal } from './external-servers.ts';
import { offerServers } from './offer-servers.ts';

export interface LocalEngineOptions extends ExternalOptions {
  /** End the network when the run ends. */
  readonly exit?: boolean;
  /** Install what is missing without asking. */
  readonly yes?: boolean;
  /** Where servers are missing and cannot be installed, simulate the same file. */
  readonly orSimulate?: boolean;
}

/** Carries a plan out by processes on this machine. */
export const localEngine =
  (file: string, choices: LocalEngineOptions): Engine =>
  async (plan, options) => {
    requireProtocol(plan);
    const external = await readExternal(choices);
    const folder = options.out ?? networkFolderFor(plan, configurationDigest(plan));
    try {
      await offerServers(externalsOf(folder, external), choices.yes === true, options.say);
    } catch (fault) {
      if (choices.orSimulate !== true || !isFault(fault) || fault.code !== 'SERVER_MISSING') throw fault;
      options.warn([`${fault.message} ${fault.hint}`, 'The same file is simulated in this process.']);
      return simulatedEngine(plan, options);
    }
    return carryOutLocally({ file, plan, folder, external, exit: choices.exit === true }, options);
  };

interface Undertaking {
  readonly file: string;
  readonly plan: RunPlan;
  readonly folder: string;
  readonly external: ExternalServers;
  /** End the network when the run ends. */
  readonly exit: boolean;
}

async function carryOutLocally(
  { file, plan, folder, external, exit }: Undertaking,
  { folder: planFolder, say, warn, signal, observer, beforeEndingNow }: EngineOptions,
): Promise<Carried> {
  const [local, { layGround }] = await Promise.all([import('#libs/local'), import('#libs/simulation')]);
  beforeEndingNow(() => {
    local.killProcesses(folder);
  });
  // What looks on has the test set.
  const ground = await layGround(located(plan, planFolder), { say });
  const network = await local.LocalNetwork.start({ plan, planFolder, folder, external, say, warn });
  const end = async (): Promise<void> => {
    say('ending the network');
    await network.end();
    await ground.learner.close();
  };
  try {
    const result = await local.followLocally({
      ...{ plan, network, ground, observer, signal, warn },
      openFolder: (path, ledger) => openRunFolder(path, manifestOf(plan, 'local', ground, ledger)),
    });
    const carried = { result, path: network.place('run'), resume: `flobc up ${file}` };
    const afterwards = async (): Promise<void> => {
      say('the network stays up; Ctrl-C ends it');
      await local.aborted(signal);
      await end();
    };
    if (!exit && !signal.aborted) return { ...carried, afterwards };
    await end();
    return carried;
  } catch (error) {
    await end();
    throw error;
  }
}

function requireProtocol({ coordination }: RunPlan): void {
  if (coordination === 'flobc') return;
  const message = `A network of Trainers and Validators cannot carry out "${coordination}".`;
  throw new Fault('OPTION_INVALID', message, { facts: { coordination }, hint: 'flobc run does that.' });
}
