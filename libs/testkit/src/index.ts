export { type Anvil, type AnvilOptions, startAnvil } from './anvil.ts';
export { type ChainUnderTest, inProcessWorld, type JsonRpcWorld, jsonRpcWorld } from './chains.ts';
export { freePorts } from './free-ports.ts';
export { type Nats, type NatsConf, type NatsOptions, type NatsPlace, startNats } from './nats.ts';
export { type RedisServer, startRedis } from './redis.ts';
