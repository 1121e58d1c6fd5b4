export { Coordinator, type CoordinatorConfig } from "./coordinator.ts";
export type { CreateKey } from "./key-making.ts";
export type { PeerReport } from "./peers.ts";
export type { AttemptReport, Curve, KeyRecord, RequestRecord, RequestStatus, Scheme, Timing } from "./records.ts";
export type { Reply, Result } from "./reply.ts";
export type { Page } from "./request-store.ts";
export { DEFAULT_DEADLINE_MS, MAX_ACTIVE_REQUESTS, type SignRequest } from "./requests.ts";
