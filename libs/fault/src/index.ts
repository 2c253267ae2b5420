export { Fault, type FaultCode, faultCodes, isFault } from './fault.ts';
export { nearest } from './nearest.ts';
