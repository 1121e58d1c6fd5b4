import { hex } from "@quorate/orders";
import { describe, expect, test } from "vitest";
import type { RequestRecord } from "./records.ts";
import type { Result } from "./reply.ts";
import { OwnedStage } from "./testing/owned-stage.ts";
import { ecdsaRecord } from "./testing/stage.ts";

const key = ecdsaRecord();
const digest = { kind: "Hash", hash: "11".repeat(32) };

function sign(stage: OwnedStage): () => Result<RequestRecord> | undefined {
  let result: Result<RequestRecord> | undefined;
  stage.sign(key, digest, (end) => {
    result = end;
  });
  stage.pass(10);
  return () => result;
}

/** Signers that are all there, and of whose pairs only these are ready, as `12 13 23`. */
function stageWith(ready: string, otherwise: "making" | "banned" | "failed" = "making"): OwnedStage {
  const stage = new OwnedStage([key]);
  stage.connectAll();
  const pairs = ready.split(" ");
  for (const one of stage.names) {
    const apart = stage.names.filter((other) => {
      const [low, high] = [one.at(-1)!, other.at(-1)!].sort();
      return one !== other && !pairs.includes(`${low}${high}`);
    });
    stage.pairs(one, Object.fromEntries(apart.map((other) => [other, otherwise])));
  }
  return stage;
}

const asked = (stage: OwnedStage) =>
  stage
    .take("signInteractive")
    .map(({ to, order }) => `${to.at(-1)}:${order.signers.join("")}`)
    .join(" ");

describe("a request for an ECDSA key", () => {
  test("goes to exactly as many as it takes, the nearest, when there is no presignature", () => {
    const stage = new OwnedStage([key]);
    stage.connectAll();
    sign(stage);
    expect(asked(stage)).toBe("1:123 2:123 3:123");
  });

  test("goes to a set whose pairs are all ready at both ends, however far", () => {
    const stage = stageWith("12 13 14 24 34 45 25 35", "banned");
    sign(stage);
    expect(asked(stage)).toBe("1:124 2:124 4:124");
    stage.pairs("signer-4", { "signer-2": "waiting" });
    sign(stage);
    expect(asked(stage)).toBe("1:134 3:134 4:134");
  });

  test("waits for the pairs that it needs, and for no more", () => {
    const stage = stageWith("12 13");
    const result = sign(stage);
    stage.pass(15_000);
    expect([asked(stage), result()]).toEqual(["", undefined]);
    stage.pairs("signer-2", { "signer-4": "making", "signer-5": "making" });
    expect(asked(stage)).toBe("");
    stage.pairs("signer-3", { "signer-4": "making", "signer-5": "making" });
    expect(asked(stage)).toBe("1:123 2:123 3:123");
  });

  test("is refused after 20 seconds in which no set came to be, naming the pairs", () => {
    const stage = stageWith("12 13");
    const result = sign(stage);
    stage.pass(19_900);
    expect(result()).toBeUndefined();
    stage.pass(200);
    const message = expect.stringMatching(
      /no 3 of the 5 signers .* signer-1-signer-4: making; .*signer-2-signer-3: making/,
    );
    expect(result()).toMatchObject({ error: { code: "quorum_unavailable", message } });
  });

  test("is refused soon when the pairs will not be ready by themselves", () => {
    const stage = stageWith("12 13", "banned");
    const result = sign(stage);
    stage.pass(1100);
    expect(result()).toMatchObject({
      error: {
        message: expect.stringContaining("signer-2-signer-3: banned"),
        hint: expect.stringContaining("readmit"),
        details: { pairs: expect.arrayContaining([{ nodes: ["signer-2", "signer-3"], status: "banned" }]) },
      },
    });
  });

  test("is refused soon when signers are missing, however the pairs of the others stand", () => {
    const stage = stageWith("12 13");
    for (const name of ["signer-3", "signer-4", "signer-5"]) stage.disconnect(name);
    const result = sign(stage);
    stage.pass(1100);
    expect(result()).toMatchObject({
      error: { message: expect.stringContaining("3 of 5 signers must take part, 2 can") },
    });
  });

  test("has fifteen seconds for all rounds, in which the order is repeated, and then goes to others", () => {
    const stage = new OwnedStage([key]);
    stage.connectAll();
    sign(stage);
    asked(stage);
    stage.pass(14_900);
    // After one second, and every two from then on.
    expect(asked(stage)).toBe(["1:123", "2:123", "3:123"].flatMap((one) => Array(7).fill(one)).join(" "));
    stage.pass(200);
    expect(asked(stage)).toMatch(/^1:145 4:145 5:145$/);
  });

  test("goes on without a signer that answers with shares of another kind", () => {
    const stage = new OwnedStage([key]);
    stage.connectAll();
    sign(stage);
    const { executionId } = stage.take("signInteractive")[0]!.order;
    stage.say("signer-2", { kind: "shares", executionId, shares: [], packages: [], computeMicros: 0 });
    expect(asked(stage)).toBe("1:134 3:134 4:134");
  });

  test("is not kept from a set by who says that it is banned from one that is not in it", () => {
    const stage = new OwnedStage([key]);
    stage.connectAll();
    stage.pairs("signer-5", { "signer-1": "banned", "signer-2": "banned", "signer-3": "banned" });
    sign(stage);
    expect(asked(stage)).toBe("1:123 2:123 3:123");
  });

  test("names its child by the key that was made and the path", () => {
    const child = ecdsaRecord({ id: "key-2", derivedFrom: { keyId: key.id, path: "m/3/5" } });
    const stage = new OwnedStage([key, child]);
    stage.connectAll();
    stage.sign(child, digest, () => {});
    stage.pass(1);
    const orders = stage.take("signInteractive");
    expect(orders.map(({ order }) => [hex(order.keyId), order.path])).toEqual(
      Array.from({ length: 3 }, () => [key.keyId, [3, 5]]),
    );
  });
});
