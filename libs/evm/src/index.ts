export { type Coins, openCoins } from './coins.ts';
export {
  type InProcessChain,
  type InProcessOptions,
  type MinedTransaction,
  openInProcessChain,
} from './in-process.ts';
export { type JsonRpcOptions, openJsonRpcChain } from './json-rpc.ts';
