export { type InProcessChain, type InProcessOptions, openInProcessChain } from './in-process.ts';
export { type JsonRpcOptions, openJsonRpcChain } from './json-rpc.ts';
