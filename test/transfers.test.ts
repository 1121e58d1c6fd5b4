import { idOf } from "@quorate/authority";
import type { Curve, Export, KeyRecord, Result, Scheme } from "@quorate/coordinator";
import { evaluate, type GroupName, group as groupNamed, randomScalar } from "@quorate/curves";
import { decodeExport, encodeImport, encryptionKeyOf, openShare, recombine, sealShare } from "@quorate/keygen/transfer";
import { signerIdOf, unhex } from "@quorate/orders";
import { seededRandom } from "@quorate/protocol/testing";
import { describe, expect, it } from "vitest";
import { forgedOutcome, forgeOrder, outcomesOf, readOutcome } from "./support/forged-order.ts";
import { VirtualNetwork } from "./support/virtual-network.ts";

const KINDS = [
  ["EdDSA", "ed25519", "ed25519"],
  ["Schnorr", "secp256k1", "secp256k1"],
  ["ECDSA", "secp256k1", "secp256k1"],
  ["ECDSA", "secp256r1", "p256"],
] as const satisfies readonly (readonly [Scheme, Curve, GroupName])[];
const random = seededRandom(7);
const secp256k1 = groupNamed("secp256k1", "fast");
const RECIPIENT = randomScalar(secp256k1, random);
const RECIPIENT_KEY = encryptionKeyOf(secp256k1, RECIPIENT);
/** What clients call how the keys of a scheme are shared. */
const PROTOCOLS: Readonly<Record<Scheme, string>> = { EdDSA: "FROST", Schnorr: "FROST_BITCOIN", ECDSA: "CGGMP24" };

function bodyFor(scheme: Scheme) {
  if (scheme === "EdDSA") return { kind: "Message", message: "00" };
  return { kind: "Hash", hash: "5a".repeat(32), ...(scheme === "Schnorr" && { taprootMerkleRoot: "" }) };
}

function network(scheme: Scheme) {
  const net = new VirtualNetwork({
    signers: 3,
    minSigners: 2,
    pairs: scheme === "ECDSA" ? "stored" : "none",
  });
  net.pass(10); // the signers say to what shares for them are sealed
  return net;
}

function ok<T>(result: Result<T>): T {
  if ("error" in result) throw result.error;
  return result.ok;
}

/** Has the admin ask for a key to be sealed to the recipient, which nobody does yet. */
function departure(net: VirtualNetwork, { id: keyId, scheme, curve }: KeyRecord, encryptionKey = RECIPIENT_KEY) {
  const supportedSchemes = [{ protocol: PROTOCOLS[scheme], curve }];
  const body = { encryptionKey: Buffer.from(encryptionKey).toString("base64"), supportedSchemes };
  const record = net.act({ method: "POST", path: `/keys/${keyId}/export`, body });
  return { organisation: net.organisation.id, keyId, record };
}

function exported(net: VirtualNetwork, key: KeyRecord, call = departure(net, key)): Result<Export> {
  return net.finished<Export>((reply) => net.coordinator.exportCaused(call, reply));
}

/** What the official modules do with the answer. */
function opened(name: GroupName, { key, shares }: Export): bigint {
  const group = groupNamed(name, "fast");
  const open = shares.map(({ index, sealedShare }) => {
    using plaintext = openShare(secp256k1, RECIPIENT, sealedShare, random);
    const share = decodeExport(group, plaintext.expose());
    expect(share.index).toBe(index);
    return share;
  });
  return recombine(group, open, Buffer.from(key.publicKey, "hex"));
}

/** Deals a key as the official modules do: the i-th signer by its decoded id gets the value at i. */
function dealt(net: VirtualNetwork, name: GroupName, secret: bigint, minSigners = 2) {
  const group = groupNamed(name, "fast");
  const coefficients = [secret, ...Array.from({ length: minSigners - 1 }, () => randomScalar(group, random))];
  const signers = net.coordinator.signers().toSorted((a, b) => Buffer.compare(a.publicKey, b.publicKey));
  const shares = signers.map((_, at) => evaluate(group, coefficients, BigInt(at + 1)));
  const publicShares = shares.map((one) => group.base(one));
  const sealedShares = new Map(
    signers.map(({ node, encryption }, at) => {
      const plaintext = encodeImport(group, { share: shares[at]!, publicShares });
      return [node, sealShare(secp256k1, encryption!.encryptionKey, plaintext, random)];
    }),
  );
  return { sealedShares, shares, group };
}

/** Has the admin send shares of a key, which nobody takes yet. */
function arrival(net: VirtualNetwork, scheme: Scheme, curve: Curve, sealedShares: ReadonlyMap<string, Uint8Array>) {
  const encryptedKeyShares = [...sealedShares].map(([node, sealed]) => {
    const encryptedKeyShare = Buffer.from(sealed).toString("base64");
    return { signerId: signerIdOf(net.identityOf(node).publicKey), encryptedKeyShare };
  });
  const body = { curve, protocol: PROTOCOLS[scheme], minSigners: 2, name: "brought", encryptedKeyShares };
  const record = net.act({ method: "POST", path: "/keys/import", body });
  return { organisation: net.organisation.id, keyId: idOf("key", record), record };
}

function imported(net: VirtualNetwork, scheme: Scheme, curve: Curve, sealedShares: ReadonlyMap<string, Uint8Array>) {
  const call = arrival(net, scheme, curve, sealedShares);
  return net.finished<KeyRecord>((reply) => net.coordinator.importCaused(call, reply));
}

describe.each(KINDS)("a key for %s on %s", (scheme, curve, name) => {
  it("leaves as shares that make it, and signs no more", () => {
    const net = network(scheme);
    const key = ok(net.createKey(scheme, curve));
    net.pass(10);
    expect(net.sign(key, bodyFor(scheme))).toMatchObject({ ok: { status: "Signed" } });
    const answer = ok(exported(net, key));
    expect(answer.shares).toHaveLength(2);
    expect(opened(name, answer)).toBeGreaterThan(0n);
    expect(net.coordinator.key(key.id).dateExported).not.toBeNull();
    expect(() => net.sign(key, bodyFor(scheme))).toThrow("was exported");
    expect(net.refreshKey(key)).toMatchObject({ error: { message: expect.stringContaining("was exported") } });
  });

  it("arrives as shares, signs, gets new shares, and leaves as the key that it was", () => {
    const net = network(scheme);
    const secret = randomScalar(groupNamed(name, "fast"), random);
    const { sealedShares, shares, group } = dealt(net, name, secret);
    const key = ok(imported(net, scheme, curve, sealedShares));
    net.pass(10);
    expect(key).toMatchObject({ imported: true, name: "brought", epoch: 0 });
    expect(key.publicKey).toBe(Buffer.from(group.encodePoint(group.base(secret))).toString("hex"));
    expect(net.sign(key, bodyFor(scheme))).toMatchObject({ ok: { status: "Signed" } });
    // Nothing that was dealt is kept anywhere.
    for (const disk of net.disks.values()) {
      for (const { value } of disk.values()) {
        for (const share of shares)
          expect(Buffer.from(value!).includes(Buffer.from(group.encodeScalar(share)))).toBe(false);
      }
    }
    const after = ok(net.refreshKey(key));
    expect(after).toMatchObject({ epoch: 1, imported: true });
    expect(net.sign(after, bodyFor(scheme))).toMatchObject({ ok: { status: "Signed" } });
    expect(opened(name, ok(exported(net, after)))).toBe(secret);
  });
});

describe("an export", () => {
  it("stays forgotten by no restart: the signers refuse by themselves", () => {
    const net = network("EdDSA");
    const key = ok(net.createKey("EdDSA", "ed25519"));
    net.pass(10);
    ok(exported(net, key));
    for (const node of ["signer-1", "signer-2", "signer-3"]) {
      net.kill(node);
      net.restart(node);
    }
    expect(() => net.sign(key, { kind: "Message", message: "00" })).toThrow("exported");
    // Nothing in the log keeps a coordinator from this order.
    const order = { keyId: unhex(key.keyId), epoch: 0, path: [1] } as const;
    for (const node of ["signer-1", "signer-2", "signer-3"]) {
      forgeOrder(net, node, { kind: "derive", executionId: new Uint8Array(16), ...order });
      expect(outcomesOf(net, node).at(-1)).toMatchObject({ kind: "refused", code: "exported" });
    }
  });

  it("can be asked again, by whoever did not get the answer", () => {
    const net = network("EdDSA");
    const key = ok(net.createKey("EdDSA", "ed25519"));
    net.pass(10);
    const [first, second] = [exported(net, key), exported(net, key)].map(ok);
    expect(opened("ed25519", first!)).toBe(opened("ed25519", second!));
  });

  it("is not begun for a key that is none, for a child, or without enough signers", () => {
    const net = network("EdDSA");
    const key = ok(net.createKey("EdDSA", "ed25519"));
    net.pass(10);
    const child = ok(net.createKey("EdDSA", "ed25519", { deriveFrom: { keyId: key.id, path: "m/0" } }));
    expect(() => exported(net, child)).toThrow("is a child");
    for (const wrong of [RECIPIENT_KEY.slice(1), new Uint8Array(34)]) {
      expect(() => departure(net, key, wrong)).toThrow("encryptionKey");
    }
    expect(net.sign(key, { kind: "Message", message: "00" })).toMatchObject({ ok: { status: "Signed" } });
    const call = departure(net, key);
    for (const node of ["signer-1", "signer-2"]) net.kill(node);
    expect(exported(net, key, call)).toMatchObject({
      error: { message: expect.stringContaining("signers must take part") },
    });
  });

  it("gives nothing away that was not durably given up before", () => {
    const net = network("EdDSA");
    const key = ok(net.createKey("EdDSA", "ed25519"));
    net.pass(10);
    const call = departure(net, key);
    for (const node of net.signers.keys()) net.fullDisks.add(node);
    expect(exported(net, key, call)).toMatchObject({ error: { message: expect.stringContaining("no_space") } });
    net.fullDisks.clear();
    expect(opened("ed25519", ok(exported(net, key, call)))).toBeGreaterThan(0n);
  });
});

describe("an import", () => {
  it("is refused with a share for too few, too many or none of the signers", () => {
    const net = network("EdDSA");
    const { sealedShares } = dealt(net, "ed25519", 5n);
    const few = new Map([...sealedShares].slice(1));
    expect(imported(net, "EdDSA", "ed25519", few)).toMatchObject({
      error: { message: expect.stringContaining("one share for each of the 3 signers") },
    });
    const many = new Map(sealedShares).set("stranger", new Uint8Array(100));
    expect(() => imported(net, "EdDSA", "ed25519", many)).toThrow("no signer");
  });

  it("fails, with the reason, when a share is another signer's, garbage, or not on the polynomial", () => {
    const net = network("EdDSA");
    const { sealedShares } = dealt(net, "ed25519", 5n);
    const [one, two] = [...sealedShares.keys()];
    const swapped = new Map(sealedShares).set(one!, sealedShares.get(two!)!).set(two!, sealedShares.get(one!)!);
    const garbage = new Map(sealedShares).set(one!, new Uint8Array(200));
    for (const shares of [swapped, garbage]) {
      expect(imported(net, "EdDSA", "ed25519", shares)).toMatchObject({
        error: { code: "impossible", message: expect.stringContaining("the share for this signer") },
      });
    }
    const threeOfThree = dealt(net, "ed25519", 5n, 3).sealedShares;
    expect(imported(net, "EdDSA", "ed25519", threeOfThree)).toMatchObject({
      error: { message: expect.stringContaining("polynomial") },
    });
    expect(net.coordinator.keys()).toEqual([]);
    expect(ok(imported(net, "EdDSA", "ed25519", sealedShares)).imported).toBe(true);
  });

  it("cannot be made of two: signers that were given different keys stop, and blame nobody", () => {
    const net = network("EdDSA");
    const one = dealt(net, "ed25519", 5n).sealedShares;
    const other = dealt(net, "ed25519", 6n).sealedShares;
    const mixed = new Map(one).set("signer-2", other.get("signer-2")!);
    expect(imported(net, "EdDSA", "ed25519", mixed)).toMatchObject({
      error: { code: "impossible", details: { abort: "request_mismatch", culprits: [] } },
    });
    expect(net.coordinator.keys()).toEqual([]);
    for (const [node, disk] of net.disks) {
      expect([node, [...disk.values()].filter(({ kind }) => kind === "share")]).toEqual([node, []]);
    }
  });
});

describe("an import of two keys", () => {
  it.each(["signer-1", "signer-2", "signer-3"])(
    "is refused for its shares where %s only heard from another that it is over",
    (late) => {
      const net = network("EdDSA");
      net.intercept = ({ from, to, bytes }) => {
        if (from !== late || to !== "coordinator") return bytes;
        const said = readOutcome(net, from, bytes);
        return said.kind === "aborted" ? forgedOutcome(net, from, { ...said, code: "stopped" }) : bytes;
      };
      const mixed = new Map(dealt(net, "ed25519", 5n).sealedShares);
      mixed.set("signer-2", dealt(net, "ed25519", 6n).sealedShares.get("signer-2")!);
      expect(imported(net, "EdDSA", "ed25519", mixed)).toMatchObject({
        error: { code: "impossible", details: { abort: "request_mismatch" } },
      });
    },
  );
});

describe("a signer's encryption key", () => {
  it("is made once, kept sealed, and shown with a signature that a coordinator cannot make", () => {
    const net = network("EdDSA");
    const before = net.coordinator.signers();
    expect(before.map(({ node }) => node)).toEqual(["signer-1", "signer-2", "signer-3"]);
    const record = net.disks.get("signer-1")!.get("encryption signer-1 0");
    expect(record).toMatchObject({ secret: true });
    net.kill("signer-1");
    net.restart("signer-1");
    net.pass(10);
    expect(net.coordinator.signers()).toEqual(before);
    expect(new Set(before.map(({ encryption }) => Buffer.from(encryption!.encryptionKey).toString("hex"))).size).toBe(
      3,
    );
  });

  it("is not made anew when its record is damaged: importing waits, and all else goes on", () => {
    const net = network("EdDSA");
    const { sealedShares } = dealt(net, "ed25519", 5n);
    const call = arrival(net, "EdDSA", "ed25519", sealedShares);
    net.damaged.add("encryption signer-1 0");
    net.kill("signer-1");
    net.restart("signer-1");
    net.pass(10);
    const refused = net.finished<KeyRecord>((reply) => net.coordinator.importCaused(call, reply));
    expect(refused).toMatchObject({ error: { message: expect.stringContaining("no encryption key") } });
    expect(net.createKey("EdDSA", "ed25519")).toMatchObject({ ok: { scheme: "EdDSA" } });
  });
});
