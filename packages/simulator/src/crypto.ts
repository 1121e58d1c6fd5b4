import type { Backend } from "@quorate/curves";
import { loadUnsafeModel, modelIdentityFromSeed } from "@quorate/curves/model";
import { type IdentityOf, realIdentity, seedOf } from "./topology.ts";

/** With what a simulated network computes. */
export interface Crypto {
  readonly name: "full" | "model";
  readonly backend: Backend;
  readonly identityOf: IdentityOf;
}

/** All of it, as in the real network. */
const FULL: Crypto = { name: "full", backend: "fast", identityOf: realIdentity };

/** Full crypto as in the real network; or the model, by which the same code runs quickly and protects nothing. */
export function cryptoOf(name: Crypto["name"]): Crypto {
  if (name === "full") return FULL;
  loadUnsafeModel();
  return { name, backend: "model", identityOf: (node) => modelIdentityFromSeed(seedOf(node)) };
}
