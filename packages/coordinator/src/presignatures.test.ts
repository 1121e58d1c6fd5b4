import { hex } from "@quorate/orders";
import { describe, expect, test } from "vitest";
import { MAX_AGE_MS } from "./presignature-store.ts";
import { OwnedStage } from "./testing/owned-stage.ts";
import {
  digest,
  discarded,
  fill,
  filled,
  honest,
  key,
  levels,
  point,
  presigned,
  refused,
  sign,
} from "./testing/presigners.ts";
import { ecdsaRecord } from "./testing/stage.ts";

describe("the supply of presignatures", () => {
  test("makes none of a key that was never used, nor for raw digests, which must not meet one", () => {
    const stage = new OwnedStage([key]);
    stage.play = honest(stage);
    stage.connectAll();
    sign(stage, digest);
    stage.pass(60_000);
    expect(stage.take("presign")).toEqual([]);
    sign(stage);
    stage.pass(60_000);
    expect(levels(stage)).toEqual({ 123: 4, 145: 2, 234: 2 });
  });

  test("makes more of a key that is used more, and none in the end of one that is not used any longer", () => {
    const stage = new OwnedStage([key]);
    stage.play = honest(stage);
    stage.connectAll();
    const targets = () => stage.coordinator.presignatureLevels(key).map(({ target }) => target);
    for (let at = 0; at < 20; at++) sign(stage);
    stage.pass(60_000);
    expect(targets()).toEqual([19, 10, 10]);
    stage.pass(3600_000);
    sign(stage, digest);
    expect(targets()).toEqual([0, 0, 0]);
  });

  test("leaves a filled pool whichever one signer is lost", () => {
    for (const lost of ["signer-1", "signer-2", "signer-3", "signer-4", "signer-5"]) {
      const stage = filled();
      stage.disconnect(lost);
      sign(stage);
      const orders = stage.take("signPresigned");
      expect(orders).toHaveLength(3);
      expect(orders.map(({ to }) => to)).not.toContain(lost);
    }
  });

  test("chooses other sets once a lost signer stays away", () => {
    const stage = filled();
    stage.disconnect("signer-1");
    stage.pass(5000);
    expect(Object.keys(levels(stage))).toEqual(["123", "145", "234"]);
    stage.pass(20_000);
    const usable = stage.coordinator
      .presignatureLevels(key)
      .filter(({ signers, ready }) => ready > 0 && !signers.includes("signer-1"));
    expect(usable).toHaveLength(4); // of four, three of whom sign, each has a set without it
  });

  test("asks for one at a time of a set, and two of a signer", () => {
    const stage = new OwnedStage([key, ecdsaRecord({ id: "key-2", keyId: "bb".repeat(32) })]);
    stage.connectAll();
    fill(stage, 10, 10);
    stage.coordinator.fillPresignatures(stage.coordinator.key("key-2"), 10, () => {});
    const orders = stage.take("presign");
    const runs = new Map(orders.map(({ order }) => [hex(order.executionId), order.signers.join("")]));
    expect([...runs.values()]).toEqual(["123", "145", "234"]);
    for (const { to, order } of orders) presigned(stage, to, order);
    expect(new Set(stage.take("presign").map(({ order }) => hex(order.executionId))).size).toBe(3);
  });

  test("waits while requests do, unless the pool runs low", () => {
    const stage = filled(8);
    for (let at = 0; at < 2; at++) sign(stage);
    stage.take("sign");
    expect([levels(stage)[123], stage.coordinator.presignatureLevels(key)[0]!.making]).toEqual([6, 0]);
    for (let at = 0; at < 5; at++) sign(stage);
    expect(stage.take("presign").length).toBeGreaterThan(0);
    expect(levels(stage)[123]).toBe(2);
  });

  test("lets a set that refused rest, and goes on with the others", () => {
    const stage = new OwnedStage([key]);
    let refusals = 0;
    stage.play = ({ to, order }) => {
      if (order.kind !== "presign") return;
      if (to === "signer-2" && ++refusals < 50) refused(stage, to, order.executionId);
      else presigned(stage, to, order);
    };
    stage.connectAll();
    const result = fill(stage, 4);
    expect(result()).toBeUndefined();
    expect(levels(stage)).toEqual({ 123: 0, 145: 2, 234: 0 });
    const tried = new Set(stage.take("presign").map(({ order }) => hex(order.executionId)));
    expect(tried.size).toBeLessThan(12);
    stage.pass(20_000);
    expect(result()).toMatchObject({ error: { code: "quorum_unavailable", message: expect.stringContaining("busy") } });
  });

  test("does not put together for a while two of whom one stopped because of the other", () => {
    const stage = new OwnedStage([key]);
    stage.play = ({ to, order }) => {
      if (order.kind !== "presign") return;
      const accuses = to === "signer-2" && order.signers.includes(3);
      const aborted = { code: "bad_consistency", culprits: [3], waitingFor: [], evidence: new Uint8Array() };
      if (accuses) stage.say(to, { kind: "aborted", executionId: order.executionId, ...aborted });
      else presigned(stage, to, order);
    };
    stage.connectAll();
    fill(stage, 4, 15_000);
    expect(levels(stage)).toMatchObject({ 124: 4 });
    const later = stage.take("presign").filter(({ order }) => order.signers.includes(2) && order.signers.includes(3));
    expect(later.length).toBeLessThan(9);
  });

  test("keeps none whose signers show different nonce points, and has all of them erase it", () => {
    const stage = new OwnedStage([key]);
    stage.play = ({ to, order }) => {
      if (order.kind === "presign") presigned(stage, to, order, point(to === "signer-1" ? 1 : 2));
    };
    stage.connectAll();
    fill(stage, 1, 50);
    const made = stage.given.flatMap(({ order }) => (order.kind === "presign" ? [hex(order.executionId)] : []));
    expect(levels(stage)).toMatchObject({ 123: 0, 145: 0 });
    expect(discarded(stage)).toEqual(
      expect.arrayContaining(["signer-1", "signer-2", "signer-3"].map((name) => `${name} ${made[0]}`)),
    );
  });

  test("never works with two who are banned from one another, and erases what they made together", () => {
    const stage = filled();
    stage.pairs("signer-2", { "signer-3": "banned" });
    expect(new Set(discarded(stage).map((line) => line.split(" ")[0]))).toEqual(
      new Set(["signer-1", "signer-2", "signer-3", "signer-4"]),
    );
    sign(stage);
    sign(stage, digest);
    stage.pass(60_000);
    const together = stage.given.flatMap(({ order }) =>
      order.kind === "presign" || order.kind === "signInteractive" ? [order.signers.join("")] : [],
    );
    expect(together.length).toBeGreaterThan(6);
    expect(together.filter((set) => set.includes("2") && set.includes("3"))).toEqual([]);
  });

  test("has those erase a late one that were waited for in vain", () => {
    const stage = new OwnedStage([key]);
    stage.connectAll();
    fill(stage, 1, 10);
    const [late] = stage.take("presign");
    stage.pass(15_000);
    discarded(stage);
    presigned(stage, late!.to, late!.order);
    expect(discarded(stage)).toEqual([`${late!.to} ${hex(late!.order.executionId)}`]);
    expect(levels(stage)).toMatchObject({ 123: 0 });
  });

  test("forgets them after a day, and makes new ones", () => {
    const stage = filled();
    stage.pass(MAX_AGE_MS - 10_000);
    expect(stage.coordinator.presignatures().totals).toMatchObject({ made: 8, expired: 0 });
    stage.pass(10_000);
    expect(stage.coordinator.presignatures().totals).toMatchObject({ made: 16, expired: 8 });
    expect(new Set(discarded(stage)).size).toBe(24);
  });

  test("drops those of a key, and makes none until it is used again", () => {
    const stage = filled();
    stage.coordinator.dropPresignatures(stage.coordinator.key(key.id));
    stage.pass(60_000);
    expect(new Set(discarded(stage)).size).toBe(24);
    expect(stage.coordinator.presignatures().pools).toEqual([]);
    expect(stage.coordinator.presignatures().totals).toMatchObject({ dropped: 8 });
  });

  test("says why a pool does not fill", () => {
    const stage = new OwnedStage([key]);
    stage.connectAll();
    for (const name of ["signer-1", "signer-2", "signer-3"])
      stage.pairs(name, { "signer-4": "banned", "signer-5": "making" });
    stage.pairs("signer-4", { "signer-5": "failed" });
    stage.pairs("signer-1", { "signer-2": "banned", "signer-4": "banned", "signer-5": "making" });
    const result = fill(stage, 1, 25_000);
    expect(result()).toMatchObject({
      error: { code: "quorum_unavailable", message: expect.stringContaining("signer-1-signer-2: banned") },
    });
    for (const name of ["signer-3", "signer-4", "signer-5"]) stage.disconnect(name);
    expect(fill(stage, 1, 25_000)()).toMatchObject({
      error: { message: expect.stringContaining("signer-5 (unreachable)") },
    });
  });

  test("refuses what it cannot fill", () => {
    const stage = new OwnedStage([key, ecdsaRecord({ id: "key-2", keyId: "bb".repeat(32), suite: "taproot" })]);
    const none = () => {};
    const { coordinator } = stage;
    for (const count of [0, 101, 1.5])
      expect(() => coordinator.fillPresignatures(coordinator.key(key.id), count, none)).toThrow("count");
    expect(() => coordinator.fillPresignatures(coordinator.key("key-2"), 1, none)).toThrow("does not sign ECDSA");
  });
});

describe("a retry", () => {
  test("takes another presignature, of another set", () => {
    const stage = filled();
    sign(stage);
    const first = stage.take("signPresigned");
    refused(stage, "signer-2", first[0]!.order.executionId);
    const second = stage.take("signPresigned");
    expect(second.map(({ to }) => to)).toEqual(["signer-1", "signer-4", "signer-5"]);
    expect(second[0]!.order.presignatures).not.toEqual(first[0]!.order.presignatures);
    expect(second[0]!.order.executionId).not.toEqual(first[0]!.order.executionId);
  });

  test("takes no more of a pool of which a signer knows nothing", () => {
    const stage = filled();
    sign(stage);
    refused(stage, "signer-2", stage.take("signPresigned")[0]!.order.executionId, "unknown_presignature");
    expect(levels(stage)[123]).toBe(0);
  });
});

test("two requests at once get different presignatures", () => {
  const stage = filled();
  sign(stage);
  sign(stage);
  const ids = stage.take("signPresigned").map(({ order }) => hex(order.presignatures[0]!));
  expect([ids.length, new Set(ids).size]).toEqual([6, 2]);
});
