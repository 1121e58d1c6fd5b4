import { group } from "@quorate/curves";
import type { NodeId } from "@quorate/orders";
import { describe, expect, test } from "vitest";
import type { KeyRecord } from "./records.ts";
import type { Reply, Result } from "./reply.ts";
import { OwnedStage } from "./testing/owned-stage.ts";
import { ecdsaRecord } from "./testing/stage.ts";

const key = ecdsaRecord();
const { base, encodePoint } = group("secp256k1", "noble");
const child = (k: bigint) => encodePoint(base(k));

/** Asks for the child that the log names; `play` says what each signer answers with. */
function derive(
  stage: OwnedStage,
  play: (to: NodeId, path: readonly number[]) => Uint8Array | "silent" | "refuses",
  path = "m/0",
): Result<KeyRecord> | undefined {
  stage.play = ({ to, order }) => {
    if (order.kind !== "derive") return;
    const { executionId } = order;
    const answer = play(to, order.path);
    if (answer === "silent") return;
    if (answer === "refuses") stage.say(to, { kind: "refused", executionId, code: "busy", detail: "" });
    else stage.say(to, { kind: "derived", executionId, publicKey: answer });
  };
  let result: Result<KeyRecord> | undefined;
  ask(stage, path, (end) => {
    result = end;
  });
  stage.pass(10_000);
  return result;
}

/** Has the log name a child, and asks for it. */
function ask(stage: OwnedStage, path: string, reply: Reply<KeyRecord>, { keyId, id }: Place = {}): void {
  const child = { id: id ?? `key-${path}`, derivedFrom: { keyId: keyId ?? key.id, path } };
  stage.own({ ...key, ...child });
  stage.coordinator.makeKey(stage.organisation.id, child.id, {}, reply);
}

/** Why a child that the log names is not made: told at once. */
function refusal(stage: OwnedStage, path: string, place: Place = {}): unknown {
  let said: unknown;
  ask(
    stage,
    path,
    (result) => {
      said = "error" in result ? result.error : undefined;
    },
    place,
  );
  return said;
}

interface Place {
  readonly keyId?: string;
  readonly id?: string;
}

function stage(): OwnedStage {
  const one = new OwnedStage([key]);
  one.connectAll();
  return one;
}

const all = () => child(5n);
const at = (...names: number[]) => names.map((name) => `signer-${name}`);

describe("a child of a key", () => {
  test("has the public key that enough of the holders agree on, and their key's id, members and certificate", () => {
    const result = derive(stage(), (to) => (at(4, 5).includes(to) ? "silent" : child(5n)));
    expect(result).toMatchObject({
      ok: {
        ...key,
        id: "key-m/0",
        publicKey: Buffer.from(child(5n)).toString("hex"),
        derivedFrom: { keyId: key.id, path: "m/0" },
        dateCreated: expect.any(Number),
      },
    });
  });

  test("is not believed in when two holders contradict one another: both are named, and no key is made", () => {
    const one = stage();
    const result = derive(one, (to) => child(to === "signer-2" ? 6n : 5n));
    const message = expect.stringContaining("signer-1 and signer-2 say different things");
    expect(result).toMatchObject({ error: { code: "failed", message } });
    expect(one.coordinator.keys()).toHaveLength(1);
  });

  test("is not made when too few answer: who refused and who was silent is named", () => {
    const some = (to: NodeId) => (to === "signer-2" ? "refuses" : at(1, 3).includes(to) ? "silent" : child(5n));
    expect(derive(stage(), some)).toMatchObject({
      error: {
        message: expect.stringContaining("signer-2 refused (busy): ; no answer from signer-1, signer-3"),
        details: { silent: at(1, 3) },
      },
    });
    expect(derive(stage(), () => "refuses")).toMatchObject({ error: { details: { silent: at(4, 5) } } });
  });

  test("is not made of what is no public key", () => {
    const result = derive(stage(), (to) => (at(1, 2, 3).includes(to) ? new Uint8Array(33) : child(5n)));
    expect(result).toMatchObject({
      error: { message: expect.stringContaining("signer-3 said what is no public key") },
    });
  });

  test("is one key at a place, whatever the log calls it", () => {
    const one = stage();
    const made = ["m/2", "m/7/8"].map((path) => derive(one, (_, at) => child(100n + BigInt(at[0]!)), path));
    expect(made).toMatchObject([
      { ok: { id: "key-m/2", derivedFrom: { keyId: key.id, path: "m/2" } } },
      { ok: { id: "key-m/7/8", derivedFrom: { keyId: key.id, path: "m/7/8" } } },
    ]);
    expect(refusal(one, "m/2", { id: "key-again" })).toMatchObject({
      message: "m/2 below key key-1 is key key-m/2",
      details: { id: "key-m/2" },
    });
  });

  test("keeps two that are asked for at once apart", () => {
    const one = stage();
    const taken: (string | undefined)[] = [];
    ask(one, "m/0", (result) => taken.push("ok" in result ? result.ok.derivedFrom?.path : undefined));
    derive(one, (_, path) => child(100n + BigInt(path[0]!)), "m/1");
    expect(taken).toEqual(["m/0"]);
    expect(one.coordinator.keys().map(({ derivedFrom }) => derivedFrom?.path)).toEqual([undefined, "m/0", "m/1"]);
  });

  test("is found by its place, told from any key above it", () => {
    const one = stage();
    for (const path of ["m/44/60", "m/44/60/0"]) derive(one, all, path);
    expect(one.coordinator.keyAt(key.id, "m/44/60/0").id).toBe("key-m/44/60/0");
    expect(one.coordinator.keyAt("key-m/44/60", "0").id).toBe("key-m/44/60/0");
    expect(() => one.coordinator.keyAt(key.id, "m/44")).toThrow("no key was derived");
  });

  test("answers are counted once each, and only of those who were asked", () => {
    const one = stage();
    one.disconnect("signer-5");
    let result: Result<KeyRecord> | undefined;
    ask(one, "m/0", (end) => {
      result = end;
    });
    const { executionId } = one.take("derive")[0]!.order;
    for (const from of at(1, 1, 1, 5, 2)) one.say(from, { kind: "derived", executionId, publicKey: child(5n) });
    one.pass(1000);
    expect(result).toBeUndefined();
    for (const from of at(3, 3, 4)) one.say(from, { kind: "derived", executionId, publicKey: child(5n) });
    one.pass(1);
    expect([result, one.coordinator.keys().length]).toMatchObject([{ ok: { derivedFrom: { path: "m/0" } } }, 2]);
  });

  test.each<[string, string, Place]>([
    ["deriveFrom.keyId", "m/0", { keyId: "key-9" }],
    ["deriveFrom.path", "m", {}],
    ["deriveFrom.path", "m/0'", {}],
    ["deriveFrom.path", "m/2147483648", {}],
    ["deriveFrom.path", `m${"/0".repeat(11)}`, {}],
  ])("names the wrong field: %s in %j below %j", (field, path, place) => {
    expect(refusal(stage(), path, place)).toMatchObject({
      code: expect.stringMatching(/^(invalid_input|not_found)$/),
      field,
    });
  });

  test("is refused while too few holders are there", () => {
    const one = stage();
    for (const name of at(1, 2, 3)) one.disconnect(name);
    expect(refusal(one, "m/0")).toMatchObject({
      message: expect.stringContaining("3 of 5 signers must take part, 2 can"),
    });
  });
});
