import { afterAll, beforeAll } from "vitest";
import { LocalCluster } from "../local-cluster.ts";
import { Anvil } from "./anvil.ts";

const MINUTES = 60_000;
let anvil: Anvil | undefined;
let started: LocalCluster | undefined;

beforeAll(async () => {
  [anvil, started] = await Promise.all([Anvil.start(), LocalCluster.start("--no-regions")]);
  for (const [scheme, name] of [
    ["EdDSA", "solana"],
    ["Schnorr", "vault"],
    ["ECDSA", "till"],
    ["ECDSA", "payer"],
  ] as const) {
    await started.json("keys", "create", "--scheme", scheme, "--name", name);
  }
  await started.pairs();
}, 5 * MINUTES);
afterAll(async () => {
  await anvil?.[Symbol.asyncDispose]();
  await started?.[Symbol.asyncDispose]();
}, MINUTES);

/** The network that signs for all chains, with a key for each: starting one for each chain would take longer than the tests. */
export const cluster = () => started!;

/** The Ethereum node. */
export const ethereum = () => anvil!;
