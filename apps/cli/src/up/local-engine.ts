import { configurationDigest, openRunFolder, placed, type RunPlan } from '#libs/experiment';
import { Fault } from '#libs/fault';
import type { LocalNetwork } from '#libs/local';
import type { Carried, Engine, EngineOptions } from '../run/engine.ts';
import { manifestOf } from '../run/manifest.ts';
import { aborted } from './aborted.ts';
import { offerServers } from './offer-servers.ts';

export interface LocalEngineOptions {
  /** End the network when the run ends. */
  readonly exit?: boolean;
  /** Install what is missing without asking. */
  readonly yes?: boolean;
}

/** Carries a plan out by processes on this machine. */
export function localEngine(file: string, { exit = false, yes = false }: LocalEngineOptions): Engine {
  return async (plan, options) => {
    requireProtocol(plan);
    await offerServers(yes, options.say);
    const [local, { layGround }] = await Promise.all([import('#libs/local'), import('#libs/simulation')]);
    const { folder: planFolder, say, warn, signal } = options;
    const folder = options.out ?? local.networkFolderFor(plan, configurationDigest(plan));
    const located = locatedIn(plan, planFolder);
    // The data is dealt out here while the servers start: what looks on has the test set.
    const [network, ground] = await Promise.all([
      local.LocalNetwork.start({ plan, planFolder, folder, say, warn }),
      layGround(located),
    ]);
    const end = async (): Promise<void> => {
      say('ending the network');
      await network.end();
      await ground.learner.close();
    };
    try {
      const carried = await follow(plan, network, ground, options, file);
      if (exit || signal.aborted) {
        await end();
        return carried;
      }
      const afterwards = async (): Promise<void> => {
        say('the network stays up; Ctrl-C ends it');
        await aborted(signal);
        await end();
      };
      return { ...carried, afterwards };
    } catch (error) {
      await end();
      throw error;
    }
  };

  async function follow(
    plan: RunPlan,
    network: LocalNetwork,
    ground: Awaited<ReturnType<typeof import('#libs/simulation').layGround>>,
    { observer, signal }: EngineOptions,
    file: string,
  ): Promise<Carried> {
    const { followLocally } = await import('#libs/local');
    const result = await followLocally({
      ...{ plan, network, ground, observer, signal },
      openFolder: (path, ledger) => openRunFolder(path, manifestOf(plan, 'local', ground, ledger)),
    });
    return { result, path: network.place('run'), resume: `flobc up ${file}` };
  }
}

function locatedIn(plan: RunPlan, folder: string): RunPlan {
  const { source, model } = placed(plan, folder);
  return { ...plan, model, data: { ...plan.data, source } };
}

function requireProtocol({ coordination }: RunPlan): void {
  if (coordination === 'flobc') return;
  throw new Fault(
    'OPTION_INVALID',
    `A network of Trainers and Validators cannot carry out "${coordination}".`,
    {
      facts: { coordination },
      hint: 'flobc run does that.',
    },
  );
}
