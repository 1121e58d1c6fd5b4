import type { Accusation } from "@quorate/blame";
import { type NetworkFile, Waits } from "@quorate/orders";
import { describe, expect, test } from "vitest";
import type { Keyring } from "./keyring.ts";
import { MemoryWorld } from "./testing/memory-world.ts";
import { MAX_PER_ACCUSED, VerdictStore } from "./verdict-store.ts";

function store(world: MemoryWorld): VerdictStore {
  const waits = new Waits(world);
  world.wakes = (token, result) => waits.wake(token, result);
  const keyring = { find: () => undefined } as unknown as Keyring;
  return new VerdictStore({ world, waits, network: {} as NetworkFile, backend: "fast", keyring });
}

/** An accusation about the n-th key of a node. */
function accusation(n: number, node = "ohio"): Accusation {
  const accused = { node, identifier: 1, publicKey: `${node.length}`.padStart(64, "0") };
  const keyId = new Uint8Array(32).fill(n);
  const finding = { proven: true, id: `${n}`.padStart(16, "0"), keyId, executionId: new Uint8Array(16) } as const;
  const document = { kind: "share", code: "bad_signature_share", accused } as Accusation["document"];
  return { document, finding };
}

describe("the verdicts of a signer", () => {
  test("are one for each kind, code and key, and no more than a few against one node", () => {
    const world = new MemoryWorld();
    const verdicts = store(world);
    for (let n = 0; n < 2 * MAX_PER_ACCUSED; n++) {
      verdicts.keep(accusation(n), () => {});
      verdicts.keep(accusation(n), () => {});
    }
    verdicts.keep(accusation(1, "paris"), () => {});
    world.settle();
    expect(verdicts.list()).toHaveLength(MAX_PER_ACCUSED + 1);
    expect(world.records.size).toBe(MAX_PER_ACCUSED + 1);
  });

  test("that the disk does not take are none, and are taken the next time", () => {
    const world = new MemoryWorld();
    const verdicts = store(world);
    world.result = "no_space";
    let told = 0;
    verdicts.keep(accusation(1), () => told++);
    world.settle();
    expect([verdicts.list().length, told]).toEqual([0, 1]);
    world.result = "ok";
    verdicts.keep(accusation(1), () => told++);
    world.settle();
    expect([verdicts.list().length, told]).toEqual([1, 2]);
  });
});
