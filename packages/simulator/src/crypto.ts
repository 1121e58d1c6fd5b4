import type { Backend } from "@quorate/curves";
import { type IdentityOf, realIdentity } from "./topology.ts";

/** With what a simulated network computes. */
export interface Crypto {
  readonly name: "full" | "model";
  readonly backend: Backend;
  readonly identityOf: IdentityOf;
}

/** All of it, as in the real network. */
export const FULL: Crypto = { name: "full", backend: "fast", identityOf: realIdentity };
