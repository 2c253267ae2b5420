export { type Anvil, type AnvilOptions, startAnvil } from './anvil.ts';
export { type ChainUnderTest, inProcessWorld, jsonRpcWorld } from './chains.ts';
