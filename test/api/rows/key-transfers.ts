import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { refused } from "../refusals.ts";
import { type Curve, encryptionKey, publicKeyOf, randomScalar, recombine, split } from "../share-format.ts";
import { application } from "../started.ts";

const SPECS = [
  { scheme: "ECDSA", curve: "secp256k1", protocol: "CGGMP24" },
  { scheme: "EdDSA", curve: "ed25519", protocol: "FROST" },
  { scheme: "Schnorr", curve: "secp256k1", protocol: "FROST_BITCOIN" },
] as const;

const hashOf = (scheme: string) => ({
  kind: "Hash" as const,
  hash: randomBytes(32).toString("hex"),
  ...(scheme === "Schnorr" ? { taprootMerkleRoot: "" } : {}),
});

function sameKey(publicKey: string, secret: bigint, curve: Curve): void {
  expect(publicKey).toBe(publicKeyOf(secret, curve));
}

describe("6.3 export", () => {
  it.each(SPECS)(
    "POST /keys/:id/export: the shares of a key for $scheme recombine to its private key",
    async ({ scheme, curve, protocol }) => {
      const { keys } = application().client(application().admin);
      const { id: keyId, publicKey } = await keys.createKey({ body: { scheme, curve } });
      const receiver = encryptionKey();
      const supportedSchemes = [{ protocol, curve }];
      const exported = await keys.exportKey({ keyId, body: { encryptionKey: receiver.text, supportedSchemes } });
      expect(exported).toMatchObject({ publicKey, protocol, curve, minSigners: 3 });
      const { encryptedKeyShares: sealed } = exported;
      expect(sealed.length).toBeGreaterThanOrEqual(exported.minSigners);
      const shares = sealed.map(({ encryptedKeyShare }) => receiver.open(encryptedKeyShare));
      expect(shares.every(({ version }) => version === 1)).toBe(true);
      sameKey(publicKey, recombine(shares, curve), curve);
      expect(recombine(shares.slice(1, 3), curve) === recombine(shares, curve)).toBe(false);
      expect(await keys.getKey({ keyId })).toMatchObject({ exported: true, dateExported: expect.stringMatching(/Z$/) });
      const error = await keys.generateSignature({ keyId, body: hashOf(scheme) }).catch((thrown) => thrown);
      expect([403, 404]).toContain(error.httpStatus);
      expect(error.message).toMatch(/exported and no longer signs/);
    },
  );

  it("POST /keys/:id/export: an old client lists CGGMP21 and gets it; one that lists nothing fitting is refused by 400", async () => {
    const { keys } = application().client(application().admin);
    const { id: keyId } = await keys.createKey({ body: { scheme: "ECDSA", curve: "secp256k1" } });
    const { text } = encryptionKey();
    const wrong = [{ protocol: "FROST" as const, curve: "ed25519" as const }];
    await refused(
      keys.exportKey({ keyId, body: { encryptionKey: text, supportedSchemes: wrong } }),
      400,
      /supportedSchemes/,
    );
    const old = [{ protocol: "CGGMP21" as const, curve: "secp256k1" as const }];
    expect(await keys.exportKey({ keyId, body: { encryptionKey: text, supportedSchemes: old } })).toMatchObject({
      protocol: "CGGMP21",
    });
  });

  it("POST /keys/:id/export: an encryption key that is none is refused by 400, and the key still signs", async () => {
    const { keys } = application().client(application().admin);
    const { id: keyId } = await keys.createKey({ body: { scheme: "EdDSA", curve: "ed25519" } });
    const supportedSchemes = [{ protocol: "FROST" as const, curve: "ed25519" as const }];
    for (const key of ["", "AAAA", Buffer.alloc(34, 1).toString("base64"), Buffer.alloc(34).toString("base64")]) {
      await refused(keys.exportKey({ keyId, body: { encryptionKey: key, supportedSchemes } }), 400, /encryptionKey/);
    }
    expect(await keys.generateSignature({ keyId, body: hashOf("EdDSA") })).toMatchObject({ status: "Signed" });
  });
});

describe("6.4 import", () => {
  it.each(SPECS)(
    "POST /keys/import: a key for $scheme that comes from outside signs here",
    async ({ scheme, curve, protocol }) => {
      const { keys, signers } = application().client(application().admin);
      const { clusters } = await signers.listSigners();
      const secret = randomScalar(curve);
      const encryptedKeyShares = split(secret, curve, 3, clusters[0]!.signers);
      const name = `from outside ${randomBytes(4).toString("hex")}`;
      const key = await keys.importKey({ body: { name, curve, protocol, minSigners: 3, encryptedKeyShares } });
      expect(key).toMatchObject({ imported: true, scheme, curve, name, status: "Active" });
      sameKey(key.publicKey, secret, curve);
      expect(await keys.generateSignature({ keyId: key.id, body: hashOf(scheme) })).toMatchObject({ status: "Signed" });
    },
  );

  it("POST /keys/import: shares of two keys mixed, a share swapped, a signer left out: refused, and no key is there", async () => {
    const { keys, signers } = application().client(application().admin);
    const { clusters } = await signers.listSigners();
    const all = clusters[0]!.signers;
    const one = split(randomScalar("ed25519"), "ed25519", 3, all);
    const two = split(randomScalar("ed25519"), "ed25519", 3, all);
    const count = async () =>
      (await keys.listKeys({ query: { limit: "100" } })).items.filter(({ imported }) => imported).length;
    const before = await count();
    const spoilt = [
      one.map((share, i) => (i === 2 ? two[2]! : share)),
      one.map((share, i) => ({ ...share, encryptedKeyShare: one[(i + 1) % one.length]!.encryptedKeyShare })),
      one.slice(1),
    ];
    for (const encryptedKeyShares of spoilt) {
      const body = { curve: "ed25519" as const, protocol: "FROST" as const, minSigners: 3, encryptedKeyShares };
      const error = await keys.importKey({ body }).catch((thrown) => thrown);
      expect([400, 403, 409, 422], error.message).toContain(error.httpStatus);
    }
    expect(await count()).toBe(before);
  });
});
