import { createPublicKey, verify } from "node:crypto";
import type { KeyRecord, RequestRecord, Result } from "@quorate/coordinator";
import { group, recoverEcdsa, taggedHash, verifySchnorr } from "@quorate/curves";
import { hex, unhex } from "@quorate/orders";
import { beforeAll, describe, expect, it } from "vitest";
import { Liar } from "./support/liar.ts";
import { VirtualNetwork } from "./support/virtual-network.ts";

const digest = "11".repeat(32);

function ok<T>(result: Result<T>): T {
  if ("error" in result) throw result.error;
  return result.ok;
}

function derive(network: VirtualNetwork, { id, scheme, curve }: KeyRecord, path = "m/0"): KeyRecord {
  return ok(network.createKey(scheme, curve, { deriveFrom: { keyId: id, path } }));
}

/** r and s of a finished request, and the recovery id where there is one. */
function signature({ result }: RequestRecord) {
  const { r, s, recid = 0 } = (result as { signature: { r: string; s: string; recid?: number } }).signature;
  return { bytes: unhex(r.slice(2) + s.slice(2)), recid };
}

/** Whether the signature holds under the child's own public key, by a verifier that had no part in making it. */
const holds: Readonly<Record<string, (child: KeyRecord, record: RequestRecord) => boolean>> = {
  ed25519(child, record) {
    const x = Buffer.from(child.publicKey, "hex").toString("base64url");
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    return verify(null, unhex(digest), key, signature(record).bytes);
  },
  /** BIP-341: the output key of the child as internal key, without scripts. */
  taproot(child, record) {
    const secp256k1 = group("secp256k1", "noble");
    const x = unhex(child.publicKey).subarray(1);
    const tweak = secp256k1.decodeScalar(taggedHash("TapTweak", x));
    const output = secp256k1.add(secp256k1.decodePoint(Uint8Array.of(2, ...x)), secp256k1.base(tweak));
    return verifySchnorr(secp256k1.encodePoint(output).subarray(1), unhex(digest), signature(record).bytes);
  },
  "ecdsa-secp256k1": (child, record) => recovered("secp256k1", record) === child.publicKey,
  "ecdsa-p256": (child, record) => recovered("p256", record) === child.publicKey,
};

function recovered(curve: "secp256k1" | "p256", record: RequestRecord): string {
  const { bytes, recid } = signature(record);
  return hex(recoverEcdsa(curve, unhex(digest), bytes, recid)!);
}

describe.each([
  ["EdDSA", "ed25519"],
  ["Schnorr", "secp256k1"],
  ["ECDSA", "secp256k1"],
  ["ECDSA", "secp256r1"],
] as const)("children of a key for %s on %s", (scheme, curve) => {
  let network: VirtualNetwork;
  let key: KeyRecord;

  beforeAll(() => {
    network = new VirtualNetwork({
      signers: 3,
      minSigners: 2,
      pairs: scheme === "ECDSA" ? "stored" : "none",
    });
    key = ok(network.createKey(scheme, curve));
    network.pass(10);
  });

  const sign = (of: KeyRecord) =>
    ok(network.sign(of, { kind: "Hash", hash: digest, ...(scheme === "Schnorr" ? { taprootMerkleRoot: "" } : {}) }));

  it("sign under public keys of their own, in both forms", () => {
    const children = [derive(network, key), derive(network, key, "m/44/60/0/7"), derive(network, key, "m/1")];
    expect(children.map(({ derivedFrom }) => derivedFrom?.path)).toEqual(["m/0", "m/44/60/0/7", "m/1"]);
    const grandchild = derive(network, children[0]!, "m/9");
    for (const child of [...children, grandchild]) {
      expect(holds[child.suite]!(child, sign(child))).toBe(true);
      network.forgetCommitments();
      const record = sign(child);
      expect(holds[child.suite]!(child, record)).toBe(true);
      expect(record.attempts.map(({ result }) => result)).toEqual(["signed"]);
    }
    expect(new Set([key, ...children, grandchild].map(({ publicKey }) => publicKey)).size).toBe(5);
    expect(holds[key.suite]!(key, sign(key))).toBe(true);
  });

  it("are there after a restart of the coordinator, and still sign", () => {
    const child = derive(network, key, "m/3");
    network.killCoordinator();
    network.restartCoordinator();
    network.pass(10);
    expect(network.coordinator.key(child.id)).toEqual(child);
    expect(holds[child.suite]!(child, sign(child))).toBe(true);
  });

  it("keep to their place: a child of a child is that of the key at the whole path", () => {
    const through = derive(network, derive(network, key, "m/5"), "m/6/7");
    expect(through.derivedFrom).toEqual({ keyId: key.id, path: "m/5/6/7" });
    expect(() => derive(network, key, "m/5/6/7")).toThrow(through.id);
  });
});

it("a child that is asked for without a place gets the next free one below the key that is named", () => {
  const network = new VirtualNetwork();
  const key = network.madeKey();
  const below = ({ id, scheme, curve }: KeyRecord) =>
    ok(network.createKey(scheme, curve, { deriveFrom: { keyId: id } }));
  const children = [below(key), derive(network, key, "m/2"), below(key), below(key)];
  const grandchildren = [below(children[0]!), below(children[0]!)];
  const places = [...children, ...grandchildren].map(({ derivedFrom }) => derivedFrom?.path);
  expect(places).toEqual(["m/0", "m/2", "m/1", "m/3", "m/0/0", "m/0/1"]);
});

describe("a wrong share for a child", () => {
  it.each([
    ["EdDSA", "ed25519"],
    ["Schnorr", "secp256k1"],
  ] as const)("names who sent it, and nobody else, as all others find: %s", (scheme, curve) => {
    const misbehaviour = new Liar();
    const network = new VirtualNetwork({ behaviours: { "signer-2": misbehaviour } });
    const child = derive(network, ok(network.createKey(scheme, curve)));
    misbehaviour.begin("wrong-share");
    const merkleRoot = scheme === "Schnorr" ? { taprootMerkleRoot: "" } : {};
    const { id } = ok(network.sign(child, { kind: "Hash", hash: digest, ...merkleRoot }));
    network.pass(1000);
    const record = ok(network.finished<RequestRecord>((reply) => network.coordinator.signature(id, reply)));
    expect(record).toMatchObject({
      status: "Signed",
      attempts: [{ culprits: [{ node: "signer-2", reason: "wrong signature share" }] }, { result: "signed" }],
    });
    expect(record.attempts[0]!.culprits[0]!.verifiedBy.toSorted()).toEqual([
      "signer-1",
      "signer-3",
      "signer-4",
      "signer-5",
    ]);
  });
});
