export { type LocalControl, localControl } from './control.ts';
export { LocalNetwork, type LocalNetworkOptions } from './local-network.ts';
export { networkFolderFor, networksHere } from './network-folder.ts';
export { nodeProgram } from './node-program.ts';
export { endProcesses, findProcesses, type Found, killProcesses, logOf } from './processes.ts';
export { aborted, followLocally, type LocalRunOptions } from './run-locally.ts';
export { missingServers } from './servers/installed.ts';
export { giveCoins } from './servers/chain.ts';
