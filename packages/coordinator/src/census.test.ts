import { hex, type PresignatureName } from "@quorate/orders";
import { describe, expect, test } from "vitest";
import { OwnedStage } from "./testing/owned-stage.ts";
import { discarded, fill, filled, key, levels, named, presigned, refused, sign } from "./testing/presigners.ts";

describe("what signers say that they hold", () => {
  test("ends what a signer lost that runs anew: the others erase their parts, and new ones are made", () => {
    const stage = filled();
    stage.connect("signer-3", "2");
    const gone = discarded(stage);
    expect(gone).toHaveLength(12); // four with 1 and 2, two with 2 and 4
    expect(gone.filter((line) => line.startsWith("signer-3"))).toEqual([]);
    expect(stage.coordinator.presignatures().totals).toMatchObject({ orphaned: 6 });
    stage.pass(20_000);
    expect(levels(stage)).toEqual({ 123: 4, 145: 2, 234: 2 });
  });

  test("ends what one of them does not hold any more", () => {
    const stage = filled();
    stage.say("signer-4", { kind: "presignatures", held: [] });
    expect(levels(stage)).toMatchObject({ 123: 4, 145: 0, 234: 0 });
    expect(new Set(discarded(stage).map((line) => line.split(" ")[0]))).toEqual(
      new Set(["signer-1", "signer-2", "signer-3", "signer-5"]),
    );
  });

  test("brings back to a new coordinator what all of a set hold, and orphans go", () => {
    const before = new OwnedStage([key]);
    before.connectAll();
    fill(before, 4, 10);
    const [whole, orphan] = [...new Map(before.take("presign").map(({ order }) => [order.signers[1], order])).values()];
    const stage = new OwnedStage([key]);
    stage.connectAll();
    stage.say("signer-1", { kind: "presignatures", held: [named(whole!), named(orphan!)] });
    stage.say("signer-2", { kind: "presignatures", held: [named(whole!)] });
    expect(levels(stage)).toEqual({});
    stage.say("signer-3", { kind: "presignatures", held: [named(whole!)] });
    expect(levels(stage)).toEqual({ 123: 1 });
    expect(discarded(stage)).toEqual([]); // the others of the orphan's set have said nothing yet
    stage.say("signer-4", { kind: "presignatures", held: [] });
    expect(discarded(stage)).toEqual([`signer-1 ${hex(orphan!.executionId)}`, `signer-4 ${hex(orphan!.executionId)}`]);
    sign(stage);
    expect(stage.take("signPresigned").map(({ to }) => to)).toEqual(["signer-1", "signer-2", "signer-3"]);
  });

  test("does not end one that is being made", () => {
    const stage = new OwnedStage([key]);
    stage.connectAll();
    fill(stage, 1, 10);
    const orders = stage.take("presign").filter(({ order }) => order.signers.join("") === "123");
    presigned(stage, "signer-1", orders[0]!.order);
    stage.say("signer-2", { kind: "presignatures", held: [] });
    stage.say("signer-1", { kind: "presignatures", held: [named(orders[0]!.order)] });
    expect(discarded(stage)).toEqual([]);
    for (const { to, order } of orders) presigned(stage, to, order);
    expect(levels(stage)).toMatchObject({ 123: 1 });
  });

  test("never brings back one that was handed out", () => {
    const stage = filled(1);
    const made = stage.given.splice(0);
    expect(made).toEqual([]);
    sign(stage);
    const [used] = stage.take("signPresigned");
    const [presignId] = used!.order.presignatures;
    const name = { ...used!.order, presignId: presignId!, signers: [1, 2, 3] };
    for (const from of ["signer-1", "signer-2", "signer-3"]) stage.say(from, { kind: "presignatures", held: [name] });
    expect(discarded(stage).filter((line) => line.endsWith(hex(presignId!)))).toEqual([]); // its signers are about to use it
    expect(levels(stage)[123]).toBe(0);
    refused(stage, "signer-2", used!.order.executionId);
    expect(discarded(stage).filter((line) => line.endsWith(hex(presignId!)))).toHaveLength(3);
    for (const from of ["signer-1", "signer-2", "signer-3"]) stage.say(from, { kind: "presignatures", held: [name] });
    expect(levels(stage)[123]).toBe(0);
    expect(stage.coordinator.presignatures().totals).toMatchObject({ burnt: 1, used: 0 });
  });

  test("is only believed of keys that there are, of sets that can sign, and of the sender's own", () => {
    const stage = new OwnedStage([key]);
    stage.connectAll();
    const name = { presignId: new Uint8Array(16), keyId: Buffer.from(key.keyId, "hex"), epoch: 0, path: [] };
    const strange: PresignatureName[] = [
      { ...name, signers: [1, 2] },
      { ...name, signers: [2, 3, 4] },
      { ...name, signers: [2, 1, 3] },
      { ...name, signers: [1, 2, 3], epoch: 1 },
      { ...name, signers: [1, 2, 3], path: [0] },
      { ...name, signers: [1, 2, 3], keyId: new Uint8Array(32) },
    ];
    for (const held of strange) {
      for (const from of ["signer-1", "signer-2", "signer-3"]) stage.say(from, { kind: "presignatures", held: [held] });
      expect(levels(stage)).toEqual({});
      expect(discarded(stage)).toContain(`signer-1 ${hex(name.presignId)}`);
    }
  });
});
