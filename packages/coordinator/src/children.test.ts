import { group } from "@quorate/curves";
import type { NodeId } from "@quorate/orders";
import { describe, expect, test } from "vitest";
import type { KeyRecord } from "./records.ts";
import type { Result } from "./reply.ts";
import { ecdsaRecord, Stage } from "./testing/stage.ts";

const key = ecdsaRecord();
const { base, encodePoint } = group("secp256k1", "noble");
const child = (k: bigint) => encodePoint(base(k));

/** Asks for a child of the key; `play` says what each signer answers with. */
function derive(
  stage: Stage,
  play: (to: NodeId, path: readonly number[]) => Uint8Array | "silent" | "refuses",
  deriveFrom: { keyId: string; path?: string } = { keyId: key.id },
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
  stage.coordinator.createKey({ scheme: "ECDSA", curve: "secp256k1", deriveFrom }, (end) => {
    result = end;
  });
  stage.pass(10_000);
  return result;
}

function stage(): Stage {
  const one = new Stage([key]);
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
        id: expect.stringMatching(/^key-/),
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

  test("takes the next free index, or the path that is given, once", () => {
    const one = stage();
    const paths = [undefined, "m/2", undefined, undefined, "7/8"].map((path) => {
      const result = derive(one, (_, at) => child(100n + BigInt(at[0]!)), {
        keyId: key.id,
        ...(path === undefined ? {} : { path }),
      });
      return result !== undefined && "ok" in result ? result.ok.derivedFrom?.path : result;
    });
    expect(paths).toEqual(["m/0", "m/2", "m/1", "m/3", "m/7/8"]);
    expect(() => derive(one, all, { keyId: key.id, path: "2" })).toThrow("m/2 below key key-1 is key key-");
  });

  test("keeps two that are asked for at once apart", () => {
    const one = stage();
    const taken: (string | undefined)[] = [];
    const note = (result: Result<KeyRecord>) => taken.push("ok" in result ? result.ok.derivedFrom?.path : undefined);
    const request = { scheme: "ECDSA", curve: "secp256k1", deriveFrom: { keyId: key.id } } as const;
    one.coordinator.createKey(request, note);
    derive(one, (_, path) => child(100n + BigInt(path[0]!)));
    expect(taken).toEqual(["m/0"]);
    expect(one.coordinator.keys().map(({ derivedFrom }) => derivedFrom?.path)).toEqual([undefined, "m/0", "m/1"]);
  });

  test("can have children, which come from the key that was made as well", () => {
    const one = stage();
    const first = derive(one, all, { keyId: key.id, path: "m/44/60" }) as { ok: KeyRecord };
    const second = derive(one, () => child(6n), { keyId: first.ok.id });
    expect(second).toMatchObject({ ok: { keyId: key.keyId, derivedFrom: { keyId: key.id, path: "m/44/60/0" } } });
    expect(one.coordinator.keyAt(key.id, "m/44/60/0").id).toBe((second as { ok: KeyRecord }).ok.id);
    expect(one.coordinator.keyAt(first.ok.id, "0").id).toBe((second as { ok: KeyRecord }).ok.id);
    expect(() => one.coordinator.keyAt(key.id, "m/44")).toThrow("no key was derived");
  });

  test("answers are counted once each, and only of those who were asked", () => {
    const one = stage();
    one.disconnect("signer-5");
    let result: Result<KeyRecord> | undefined;
    one.coordinator.createKey({ scheme: "ECDSA", curve: "secp256k1", deriveFrom: { keyId: key.id } }, (end) => {
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

  test.each<[string, Record<string, unknown>]>([
    ["deriveFrom.keyId", { deriveFrom: { keyId: "key-9" } }],
    ["deriveFrom.path", { deriveFrom: { keyId: key.id, path: "m" } }],
    ["deriveFrom.path", { deriveFrom: { keyId: key.id, path: "m/0'" } }],
    ["deriveFrom.path", { deriveFrom: { keyId: key.id, path: "m/2147483648" } }],
    ["deriveFrom.path", { deriveFrom: { keyId: key.id, path: "0/0/0/0/0/0/0/0/0/0/0" } }],
    ["curve", { curve: "secp256r1" }],
    ["scheme", { scheme: "Schnorr" }],
    ["minSigners", { minSigners: 2 }],
  ])("names the wrong field: %s in %j", (field, wrong) => {
    const request = { scheme: "ECDSA", curve: "secp256k1", deriveFrom: { keyId: key.id }, ...wrong } as const;
    expect(() => stage().coordinator.createKey(request, () => {})).toThrow(expect.objectContaining({ field }));
  });

  test("is refused while too few holders are there", () => {
    const one = stage();
    for (const name of at(1, 2, 3)) one.disconnect(name);
    expect(() => derive(one, all)).toThrow("3 of 5 signers must take part, 2 can");
  });
});
