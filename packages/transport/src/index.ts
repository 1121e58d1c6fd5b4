export type { Counters } from "./counters.ts";
export { ORDER_PROTOCOL, SESSION_PROTOCOL } from "./directory.ts";
export { PROTOCOL_VERSION } from "./hello.ts";
export { DEFAULT_LIMITS, type TransportLimits } from "./limits.ts";
export { createTransport, type Transport, type TransportOptions } from "./transport.ts";
