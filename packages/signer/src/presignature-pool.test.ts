import { group, Secret } from "@quorate/curves";
import { Presignature } from "@quorate/dkls23";
import type { PresignatureName } from "@quorate/orders";
import { describe, expect, test } from "vitest";
import type { EcdsaKey } from "./held-key.ts";
import { MAX_AGE_MS, MAX_PER_KEY, PresignaturePool } from "./presignature-pool.ts";
import { heldKey } from "./testing/held-key.ts";

const curve = group("secp256k1", "noble");
const { identifier, keyId, epoch, certificate, nodes, chainCode } = heldKey(1);
const key: EcdsaKey = {
  kind: "ecdsa",
  ...{ identifier, keyId, epoch, certificate, nodes, chainCode },
  suiteName: "ecdsa-secp256k1",
  path: [],
  encodedPublicKey: curve.encodePoint(curve.generator),
  group: curve,
  signingShare: new Secret(new Uint8Array(32)),
  tweak: 0n,
  publicKey: curve.generator,
};

function presignature(): Presignature {
  const filled = new Uint8Array(32).fill(1);
  const point = curve.encodePoint(curve.generator);
  const terms = { context: filled, request: filled, sid: filled, signers: [1, 2], publicKey: point, bigR: point };
  return new Presignature({ group: "secp256k1", ...terms }, new Secret(new Uint8Array(96).fill(1)));
}

function idOf(number: number): Uint8Array {
  return new Uint8Array(16).fill(number);
}

function add(
  pool: PresignaturePool,
  number: number,
  changes: Partial<PresignatureName> = {},
  bornMs = 0,
): Presignature {
  const made = presignature();
  const name = { presignId: idOf(number), keyId, epoch, path: [], signers: [1, 2], ...changes };
  pool.add(name, { nodes: ["bob"], owner: "coordinator", bornMs }, made);
  return made;
}

describe("a presignature in the pool", () => {
  test("is there until it is taken, and then never again", () => {
    const pool = new PresignaturePool();
    const made = add(pool, 1);
    expect(pool.take(key, [idOf(1)])).toEqual([made]);
    expect(() => pool.take(key, [idOf(1)])).toThrow("no such unused presignature");
    expect(pool.names()).toEqual([]);
  });

  test("is not taken twice by one order, nor taken when another of the order is missing", () => {
    const pool = new PresignaturePool();
    add(pool, 1);
    expect(() => pool.take(key, [idOf(1), idOf(1)])).toThrow("one presignature for two digests");
    expect(() => pool.take(key, [idOf(1), idOf(2)])).toThrow("no such unused presignature");
    expect(pool.take(key, [idOf(1)])).toHaveLength(1);
  });

  test.each<[string, Partial<PresignatureName>]>([
    ["key", { keyId: new Uint8Array(32) }],
    ["epoch", { epoch: 1 }],
    ["path", { path: [0] }],
  ])("is not taken for another %s", (_, changes) => {
    const pool = new PresignaturePool();
    add(pool, 1, changes);
    expect(() => pool.take(key, [idOf(1)])).toThrow("of another key, epoch or path");
  });

  test("is erased when it is discarded, when its co-signer goes, and when it has lain for a day", () => {
    const pool = new PresignaturePool();
    const [one, two, three, young] = [add(pool, 1), add(pool, 2), add(pool, 3), add(pool, 4, {}, MAX_AGE_MS)];
    pool.discard([idOf(1)], "coordinator");
    pool.expire(MAX_AGE_MS);
    expect([one.isGone, two.isGone, three.isGone]).toEqual([true, false, false]);
    pool.expire(MAX_AGE_MS + 1);
    expect([two.isGone, three.isGone, young.isGone]).toEqual([true, true, false]);
    expect(pool.discardWith("ada")).toBe(false);
    expect(pool.discardWith("bob")).toBe(true);
    expect(young.isGone).toBe(true);
  });

  test("is the business of the coordinator that ordered it, and of no other", () => {
    const pool = new PresignaturePool();
    const made = add(pool, 1);
    expect(pool.names("coordinator").map((one) => one.presignId)).toEqual([idOf(1)]);
    expect(pool.names("coordinator-2")).toEqual([]);
    pool.discard([idOf(1)], "coordinator-2");
    expect(made.isGone).toBe(false);
  });

  test("is one of a bounded number for each key", () => {
    const pool = new PresignaturePool();
    for (let number = 0; number < MAX_PER_KEY; number++) {
      expect(pool.isFull(key)).toBe(false);
      add(pool, 0, { presignId: new Uint8Array(Buffer.alloc(16, `${number}`.padStart(16, "0"))) });
    }
    expect(pool.isFull(key)).toBe(true);
    const more = add(pool, 1, { presignId: Uint8Array.of(...new Uint8Array(15).fill(255), 1) });
    expect([pool.names().length, more.isGone]).toEqual([MAX_PER_KEY, true]);
    expect(pool.isFull({ ...key, keyId: new Uint8Array(32) })).toBe(false);
  });
});
