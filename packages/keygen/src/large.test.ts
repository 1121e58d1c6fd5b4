import type { GroupName } from "@quorate/curves";
import { runLocally } from "@quorate/protocol/testing";
import { expect, test } from "vitest";
import type { KeyShare } from "./share.ts";
import { reconstruct, testConfig, testSessions } from "./testing.ts";

const TIMEOUT_MS = 120_000;
const GROUPS = ["ed25519", "secp256k1", "p256"] as const;
const CASES = GROUPS.flatMap((name) => [2, 15].map((minSigners): [number, GroupName] => [minSigners, name]));

test.each(CASES)("%i of 15 on %s share one key", { timeout: TIMEOUT_MS }, (minSigners, name) => {
  const config = testConfig(name, minSigners, 15);
  const states = runLocally(testSessions(config));
  const shares = [...states.values()].flatMap((state): KeyShare[] => (state.kind === "done" ? [state.output] : []));
  expect(shares).toHaveLength(15);
  const x = reconstruct(config.group, shares.slice(-minSigners));
  expect(config.group.encodePoint(config.group.base(x))).toEqual(shares[0]!.publicKey);
});
