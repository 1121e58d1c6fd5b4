export type { HaltAnswer } from "./authority/halting.ts";
export type { RepairAnswer } from "./authority/repairing.ts";
export type { Behaviour, SignerConfig } from "./config.ts";
export { MAX_POOL } from "./nonce-pool.ts";
export type { SessionLoad } from "./sessions.ts";
export { Signer } from "./signer.ts";
export type { KeptVerdict } from "./verdict-store.ts";
