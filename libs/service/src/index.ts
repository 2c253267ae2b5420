export { configurationIn } from './arguments.ts';
export { host } from './host.ts';
export { Membership } from './membership.ts';
export { Readiness } from './readiness.ts';
export { HOSTED_NODE, type HostedNode } from './seat.ts';
export { live, serve } from './serve.ts';
