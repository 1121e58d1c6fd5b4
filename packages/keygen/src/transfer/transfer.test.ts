import { evaluate, type GroupName, group as groupNamed, randomScalar, uncompressed } from "@quorate/curves";
import { seededRandom } from "@quorate/protocol/testing";
import { describe, expect, it } from "vitest";
import {
  decodeExport,
  decodeImport,
  encodeExport,
  encodeImport,
  encryptionKeyOf,
  openShare,
  parseEncryptionKey,
  recombine,
  sealShare,
  TransferError,
} from "./index.ts";

const secp256k1 = groupNamed("secp256k1", "fast");
const GROUPS = ["ed25519", "secp256k1", "p256"] as const satisfies readonly GroupName[];
const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const filled = (byte: number) => BigInt(`0x${Buffer.alloc(32, byte).toString("hex")}`);
const random = seededRandom(1);

/** As if `k` had been drawn: 48 bytes that reduce to it. */
const drawing = (k: bigint) => (length: number) => {
  return new Uint8Array(Buffer.from(k.toString(16).padStart(2 * length, "0"), "hex"));
};

describe("the envelope of a share", () => {
  const secret = filled(0x11);
  const key = encryptionKeyOf(secp256k1, secret);
  const vector = "RSYWacUPJ/7LE4PV1/eNKq4SZyrur8bP5H5OAkZtf8rlY+XLCaDRhwu1gDRIBGF4eaFJSc8iKF8brj8n";

  it("is the one that the official modules read and write", () => {
    expect(Buffer.from(key).toString("base64")).toBe("AQNPNVvct8wK9yjvPM65YV2QaEu1sspfhZqw8LcEB1hxqg==");
    let first = true;
    const once = (length: number) => {
      const drawn = first ? drawing(filled(0x22))(length) : random(length);
      first = false;
      return drawn;
    };
    const sealed = sealShare(secp256k1, key, bytes("hello share"), once);
    const ephemeral = secp256k1.encodePoint(secp256k1.base(filled(0x22)));
    expect(sealed.subarray(-33)).toEqual(ephemeral);
    expect(Buffer.from(sealed).toString("base64").slice(0, vector.length)).toBe(vector);
    const opened = openShare(secp256k1, secret, sealed, random);
    expect(Buffer.from(opened.expose()).toString()).toBe("hello share");
  });

  it("is opened by the secret of its key alone, and by nobody once it was changed", () => {
    const sealed = sealShare(secp256k1, key, bytes("a share"), random);
    expect(() => openShare(secp256k1, filled(0x12), sealed, random)).toThrow(TransferError);
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.map((byte, place) => (place === at ? byte ^ 1 : byte));
      expect(() => openShare(secp256k1, secret, changed, random)).toThrow(TransferError);
      expect(() => openShare(secp256k1, secret, sealed.subarray(0, at), random)).toThrow(TransferError);
    }
  });

  it("is another one each time", () => {
    const [one, other] = [0, 1].map(() => sealShare(secp256k1, key, bytes("a share"), random));
    expect(one!.subarray(-33)).not.toEqual(other!.subarray(-33));
  });

  it.each([
    ["another version", Uint8Array.of(2, ...key.subarray(1))],
    ["no point", Uint8Array.of(1, 2, ...new Uint8Array(32).fill(255))],
    ["a byte less", key.subarray(0, 33)],
    ["a byte more", Uint8Array.of(...key, 0)],
    ["nothing", new Uint8Array()],
  ])("is not made for a key with %s", (_, wrong) => {
    expect(() => parseEncryptionKey(secp256k1, wrong)).toThrow(TransferError);
    expect(() => sealShare(secp256k1, wrong, bytes("a share"), random)).toThrow(TransferError);
  });
});

describe.each(GROUPS)("the plaintext of a share on %s", (name) => {
  const group = groupNamed(name, "fast");
  const curve = { ed25519: "ed25519", secp256k1: "secp256k1", p256: "secp256r1" }[name];
  const share = randomScalar(group, random);
  const scalar = share.toString(16).padStart(64, "0");

  it("says of an export its index and its scalar, big-endian, with the curve of each", () => {
    const encoded = encodeExport(group, { index: 3, share });
    expect(JSON.parse(Buffer.from(encoded).toString())).toEqual({
      version: 1,
      index: { curve, scalar: "3".padStart(64, "0") },
      secret_share: { curve, scalar },
    });
    expect(decodeExport(group, encoded)).toEqual({ index: 3, share });
  });

  it("says of an import the scalar and everybody's point", () => {
    const publicShares = [1n, 2n, 3n].map((one) => group.base(one));
    const encoded = encodeImport(group, { share, publicShares });
    const { version, secret_share, public_shares } = JSON.parse(Buffer.from(encoded).toString());
    expect([version, secret_share]).toEqual([1, { curve, scalar }]);
    const length = name === "ed25519" ? 32 : 65;
    expect(public_shares[0].curve).toBe(curve);
    expect(public_shares.map((one: { point: string }) => one.point.length)).toEqual(
      [length, length, length].map((n) => 2 * n),
    );
    const decoded = decodeImport(group, encoded);
    expect(decoded.share).toBe(share);
    expect(decoded.publicShares.map((one) => group.encodePoint(one))).toEqual(
      publicShares.map((one) => group.encodePoint(one)),
    );
  });

  const good = { version: 1, index: { curve, scalar: "1".padStart(64, "0") }, secret_share: { curve, scalar } };
  it.each([
    ["another version", { ...good, version: 2 }],
    ["a bare scalar", { ...good, secret_share: scalar }],
    ["another curve", { ...good, secret_share: { curve: "stark", scalar } }],
    ["a short scalar", { ...good, secret_share: { curve, scalar: scalar.slice(2) } }],
    ["a scalar above the order", { ...good, secret_share: { curve, scalar: "f".repeat(64) } }],
    ["index zero", { ...good, index: { curve, scalar: "0".repeat(64) } }],
    ["a large index", { ...good, index: { curve, scalar } }],
    ["no index", { version: 1, secret_share: good.secret_share }],
    ["more than there is", { ...good, seed: "00" }],
    ["no object", [good]],
  ])("is refused with %s, and the refusal does not quote it", (_, value) => {
    let message = "";
    try {
      decodeExport(group, bytes(JSON.stringify(value)));
    } catch (error) {
      expect(error).toBeInstanceOf(TransferError);
      message = (error as Error).message;
    }
    expect(message).not.toBe("");
    expect(message).not.toContain(scalar.slice(2, 20));
  });

  it.each(["", "00", "04".padEnd(130, "0"), "02".padEnd(66, "0"), "zz"])("is refused with the point %j", (point) => {
    const value = { version: 1, secret_share: good.secret_share, public_shares: [{ curve, point }] };
    expect(() => decodeImport(group, bytes(JSON.stringify(value)))).toThrow("public_shares.0");
  });

  it("is refused when it is no JSON, without being quoted", () => {
    expect(() => decodeExport(group, bytes(`{"secret_share": ${scalar}`))).toThrow("the share is not JSON");
  });
});

describe.each(GROUPS)("recombining shares on %s", (name) => {
  const group = groupNamed(name, "fast");
  const coefficients = Array.from({ length: 3 }, () => randomScalar(group, random));
  const secret = coefficients[0]!;
  const publicKey = group.encodePoint(group.base(secret));
  const all = [1, 2, 3, 4, 5].map((index) => ({ index, share: evaluate(group, coefficients, BigInt(index)) }));

  it("gives the secret of the key, from as many as it takes or more", () => {
    for (const some of [all.slice(0, 3), all.slice(2), all, [all[4]!, all[0]!, all[2]!]]) {
      expect(recombine(group, some, publicKey)).toBe(secret);
    }
  });

  it("fails with too few shares, a wrong one, one twice, or another key", () => {
    const wrong = { index: 5, share: group.mod(all[4]!.share + 1n) };
    for (const some of [all.slice(0, 2), all.slice(0, 1), [], [...all.slice(0, 4), wrong], [...all, all[0]!]]) {
      expect(() => recombine(group, some, publicKey)).toThrow(TransferError);
    }
    expect(() => recombine(group, all, group.encodePoint(group.base(secret + 1n)))).toThrow(TransferError);
    expect(() => recombine(group, all, publicKey.subarray(2))).toThrow(TransferError);
  });
});

describe("public keys that shares are held against", () => {
  const coefficients = [randomScalar(secp256k1, random), randomScalar(secp256k1, random)];
  const shares = [1, 2].map((index) => ({ index, share: evaluate(secp256k1, coefficients, BigInt(index)) }));
  const publicKey = secp256k1.encodePoint(secp256k1.base(coefficients[0]!));

  it("may be uncompressed, or the x of BIP-340", () => {
    const long = uncompressed("secp256k1", publicKey);
    expect(recombine(secp256k1, shares, long)).toBe(coefficients[0]);
    expect(recombine(secp256k1, shares, publicKey.subarray(1))).toBe(coefficients[0]);
    const negated = uncompressed(
      "secp256k1",
      secp256k1.encodePoint(secp256k1.negate(secp256k1.base(coefficients[0]!))),
    );
    expect(() => recombine(secp256k1, shares, negated)).toThrow(TransferError);
  });
});
