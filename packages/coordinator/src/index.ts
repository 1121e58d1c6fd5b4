export type { CoordinatorConfig } from "./assembly.ts";
export type { CauseCall } from "./authority/causes.ts";
export type { Committed } from "./authority/queue.ts";
export { inputError } from "./authority/refusal.ts";
export type { LogReport, PendingReport } from "./authority/report.ts";
export type { RequestAuthority } from "./authority/request-authority.ts";
export { Coordinator } from "./coordinator.ts";
export type { SignerReport } from "./encryption-keys.ts";
export type { Export, SealedShare } from "./exporting.ts";
export type { CreateKey, ImportKey } from "./key-making.ts";
export type { CoordinatorBehaviour } from "./link.ts";
export type { PairReport, PairStatus } from "./pairs.ts";
export type { PeerReport } from "./peers.ts";
export { MAX_POOL } from "./presignature-store.ts";
export type { PoolReport, PresignatureReport } from "./presignatures.ts";
export {
  type AttemptReport,
  type Curve,
  type DerivedFrom,
  type Form,
  type KeyRecord,
  pathOf,
  type Requester,
  type RequestRecord,
  type RequestStatus,
  type Scheme,
  type Timing,
} from "./records.ts";
export type { Reply, Result } from "./reply.ts";
export type { Page } from "./request-store.ts";
export { DEFAULT_DEADLINE_MS, MAX_ACTIVE_REQUESTS, type SignRequest } from "./requests.ts";
export type { Fate } from "./tally.ts";
