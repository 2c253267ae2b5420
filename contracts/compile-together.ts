import { availableParallelism } from 'node:os';
import type { ConfigHooks } from 'hardhat/types/hooks';
import type { HardhatPlugin } from 'hardhat/types/plugins';

/** Makes one object of equal settings. */
const resolveUserConfig: ConfigHooks['resolveUserConfig'] = async (userConfig, resolveVariable, next) => {
  const config = await next(userConfig, resolveVariable);
  for (const { compilers, overrides } of Object.values(config.solidity.profiles)) {
    const first = new Map(compilers.map((settings) => [JSON.stringify(settings), settings]));
    for (const [file, settings] of Object.entries(overrides)) {
      const key = JSON.stringify(settings);
      first.set(key, first.get(key) ?? settings);
      overrides[file] = first.get(key)!;
    }
  }
  return config;
};

/**
 * Hardhat compiles files together whose settings are one object, and makes an object of its own for each override: here
 * that would be a run of the compiler for every test file. And it leaves one core free, of two as of twenty.
 */
export const together: HardhatPlugin = {
  id: 'flobc-compile-together',
  hookHandlers: {
    config: () => Promise.resolve({ default: () => Promise.resolve({ resolveUserConfig }) }),
    solidity: () =>
      Promise.resolve({
        default: () =>
          Promise.resolve({
            build: (context, files, options, next) =>
              next(context, files, { concurrency: availableParallelism(), ...options }),
          }),
      }),
  },
};
