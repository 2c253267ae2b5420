export { type Anvil, type AnvilOptions, startAnvil } from './anvil.ts';
export { type ChainUnderTest, inProcessWorld, type JsonRpcWorld, jsonRpcWorld } from './chains.ts';
export { type Nats, type NatsOptions, startNats } from './nats.ts';
