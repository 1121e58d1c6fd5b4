import type { KeyRecord, RequestRecord, Result } from "@quorate/coordinator";
import { encode } from "@quorate/curves";
import type { Order, OrderOf, PresignatureName } from "@quorate/orders";
import { banRecord } from "@quorate/vault";
import { beforeEach, describe, expect, it } from "vitest";
import { answers } from "./support/ecdsa-orders.ts";
import { ordersTo } from "./support/forged-order.ts";
import { VirtualNetwork } from "./support/virtual-network.ts";

const message = { kind: "Message", message: "0x00", blockchainKind: "Evm" };
const digest = { kind: "Hash", hash: "11".repeat(32) };

function fill(network: VirtualNetwork, key: KeyRecord, count: number): void {
  const filled = network.finished<KeyRecord>((reply) => network.coordinator.fillPresignatures(key, count, reply));
  if ("error" in filled) throw filled.error;
  network.until(() => network.coordinator.presignatureLevels(key).every(({ ready, target }) => ready >= target));
  network.pass(10);
}

const levels = (network: VirtualNetwork, key: KeyRecord) =>
  network.coordinator.presignatureLevels(key).map(({ ready }) => ready);

/** The orders of one kind that were given, with whom they went to. */
function given<K extends Order["kind"]>(network: VirtualNetwork, kind: K) {
  return network.file.nodes.flatMap(({ name }) =>
    ordersTo(network, name)
      .filter((order): order is OrderOf<K> => order.kind === kind)
      .map((order) => ({ to: name, order })),
  );
}

/** What a signer said last that it holds, by id. */
const held = (network: VirtualNetwork, signer: number) =>
  (answers(network, signer, "presignatures").at(-1)?.held ?? []).map(({ presignId }) =>
    Buffer.from(presignId).toString("hex"),
  );

/** Parts that signers hold though another of the set does not hold its own; all are asked what they hold. */
function halves(network: VirtualNetwork): readonly string[] {
  network.pass(20_000);
  network.killCoordinator();
  network.restartCoordinator();
  network.pass(1);
  const all = [...network.signers.keys()].map((name) => Number(name.at(-1)));
  const names = all.flatMap((signer) => answers(network, signer, "presignatures").at(-1)!.held);
  const lacks = ({ presignId, signers }: PresignatureName) =>
    signers.some((signer) => !held(network, signer).includes(Buffer.from(presignId).toString("hex")));
  expect(names.length).toBeGreaterThan(0);
  return names.filter(lacks).map(({ presignId }) => Buffer.from(presignId).toString("hex"));
}

describe("presignatures of a 2-of-3 key", () => {
  let network: VirtualNetwork;
  let key: KeyRecord;

  beforeEach(() => {
    network = new VirtualNetwork({ signers: 3, minSigners: 2, pairs: "stored" });
    key = network.madeKey("ECDSA");
  });

  it("are made when somebody asks, and sign in one round trip", () => {
    fill(network, key, 2);
    expect(levels(network, key)).toEqual([2, 1, 1]);
    const result = network.sign(key, message);
    expect(result).toMatchObject({ ok: { status: "Signed", attempts: [{ form: "one-round", result: "signed" }] } });
    expect(network.coordinator.presignatures().totals).toMatchObject({ used: 1, burnt: 0 });
  });

  it("are made from the start when the key is made so", () => {
    const id = network.namedKey({ scheme: "ECDSA", curve: "secp256r1" });
    const made = network.finished<KeyRecord>((reply) =>
      network.coordinator.makeKey(network.organisation.id, id, { presign: 1 }, reply),
    );
    network.pass(5000);
    expect(made).toMatchObject({ ok: { suite: "ecdsa-p256" } });
    expect(levels(network, (made as { ok: KeyRecord }).ok)).toEqual([1, 1, 1]);
  });

  it("never meet a raw digest", () => {
    fill(network, key, 1);
    const result = network.sign(key, digest);
    expect(result).toMatchObject({ ok: { status: "Signed", attempts: [{ form: "interactive", result: "signed" }] } });
    expect(given(network, "signPresigned")).toEqual([]);
    expect(levels(network, key)).toEqual([1, 1, 1]);
  });

  it("go each to one of two requests that race for them", () => {
    fill(network, key, 1);
    const ends: Result<RequestRecord>[] = [];
    for (const text of ["01", "02"]) {
      const body = { ...message, message: `0x${text}` };
      network.coordinator.sign(network.request(key, body), (end) => ends.push(end));
    }
    network.until(() => ends.length === 2);
    expect(ends).toMatchObject([{ ok: { attempts: [{ form: "one-round" }] } }, { ok: { status: "Signed" } }]);
    const used = new Set(given(network, "signPresigned").map(({ to, order }) => `${to} ${order.presignatures}`));
    expect(used.size).toBe(given(network, "signPresigned").length);
    for (const signer of [1, 2, 3]) expect(answers(network, signer, "refused")).toEqual([]);
  });

  it("are not asked for again in a retry: it takes another, and the first is gone everywhere", () => {
    fill(network, key, 1);
    network.intercept = ({ from, to, bytes }) => {
      if (from !== "signer-1" || to !== "coordinator") return bytes;
      const named = new Set(given(network, "signPresigned").map(({ order }) => `${order.presignatures}`));
      return named.size === 1 ? undefined : bytes;
    };
    const result = network.sign(key, message);
    expect(result).toMatchObject({ ok: { attempts: [{ result: "no answer from signer-1" }, { result: "signed" }] } });
    const [first, second] = [...new Set(given(network, "signPresigned").map(({ order }) => `${order.presignatures}`))];
    expect([first === undefined, second === undefined, first === second]).toEqual([false, false, false]);
    network.restartCoordinator();
    network.pass(10);
    const burnt = [...new Set(given(network, "signPresigned").map(({ order }) => order.presignatures[0]!))];
    const names = burnt.map((id) => Buffer.from(id).toString("hex"));
    for (const signer of [1, 2, 3]) expect(held(network, signer).filter((id) => names.includes(id))).toEqual([]);
  });

  it("go when one of their signers starts anew, at the others as well", () => {
    fill(network, key, 2);
    network.kill("signer-2");
    expect(levels(network, key)).toEqual([2, 1, 1]);
    network.restart("signer-2");
    expect(network.coordinator.presignatures().totals).toMatchObject({ orphaned: 3 });
    expect(halves(network)).toEqual([]);
  });

  it("are known again to a coordinator that starts anew, less those that not all of a set hold", () => {
    fill(network, key, 2);
    network.killCoordinator();
    network.kill("signer-2");
    network.restart("signer-2");
    network.restartCoordinator();
    network.pass(10);
    const [left] = network.coordinator.presignatureLevels(key);
    expect(left).toMatchObject({ signers: ["signer-1", "signer-3"] });
    const result = network.sign(key, message);
    expect(result).toMatchObject({ ok: { attempts: [{ form: "one-round", signers: ["signer-1", "signer-3"] }] } });
    expect(halves(network)).toEqual([]);
  });

  it("of a child are its own", () => {
    const deriveFrom = { keyId: key.id, path: "m/44/60" };
    const derived = network.createKey("ECDSA", "secp256k1", { deriveFrom });
    const child = (derived as { ok: KeyRecord }).ok;
    fill(network, child, 1);
    expect([levels(network, key), levels(network, child)]).toEqual([[], [1, 1, 1]]);
    expect(network.sign(child, message)).toMatchObject({ ok: { attempts: [{ form: "one-round", result: "signed" }] } });
    expect(network.sign(key, message)).toMatchObject({ ok: { attempts: [{ form: "interactive" }] } });
  });
});

describe("a pair that is banned", () => {
  it("is in no set, for no key, whatever is signed", () => {
    const network = new VirtualNetwork({ signers: 3, minSigners: 2, pairs: "stored" });
    const key = network.madeKey("ECDSA"); // takes all signers, so it was made before the ban
    const { publicKey } = network.identityOf("signer-2");
    const value = encode(banRecord, { publicKey, code: "failed_check", at: 0 });
    const id = Buffer.from(publicKey).toString("hex");
    network.kill("signer-1");
    network.disks.get("signer-1")!.set("ban", { kind: "ban", id, epoch: 0, value, cursor: 0 });
    network.restart("signer-1");
    network.pass(1000);
    fill(network, key, 1);
    network.sign(key, message);
    network.sign(key, digest);
    const sets = [
      ...given(network, "presign").map(({ order }) => order.signers),
      ...given(network, "signInteractive").map(({ order }) => order.signers),
    ];
    expect(sets.length).toBeGreaterThan(4);
    expect(sets.filter((set) => set.includes(1) && set.includes(2))).toEqual([]);
    network.kill("signer-3");
    const result = network.sign(key, digest);
    expect(result).toMatchObject({
      error: { code: "quorum_unavailable", message: expect.stringContaining("signer-1-signer-2: banned") },
    });
  });
});

describe("presignatures of a 3-of-5 key", () => {
  it.each([1, 2, 3, 4, 5])("are there for requests when signer-%i is lost", (signer) => {
    const network = new VirtualNetwork({ pairs: "stored" });
    const key = network.madeKey("ECDSA");
    fill(network, key, 1);
    network.kill(`signer-${signer}`);
    const result = network.sign(key, message);
    expect(result).toMatchObject({ ok: { status: "Signed", attempts: [{ form: "one-round" }] } });
  });
});
