import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import { schnorr, secp256k1 } from "@noble/curves/secp256k1.js";
import type { PublicKeyFacts } from "../key.ts";

export interface Ed25519Pair {
  readonly key: PublicKeyFacts;
  readonly privateKey: KeyObject;
  sign(message: Uint8Array): Uint8Array;
}

/** A key that one test holds whole, in place of a network's. */
export function ed25519Pair(): Ed25519Pair {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  return {
    key: { suite: "ed25519", publicKey: new Uint8Array(raw) },
    privateKey,
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

/** @param seed the private key is 32 times this byte: 1 to 255 */
export function taprootPair(seed: number): { key: PublicKeyFacts; privateKey: Uint8Array; xOnly: Uint8Array } {
  const privateKey = new Uint8Array(32).fill(seed);
  return {
    key: { suite: "taproot", publicKey: secp256k1.getPublicKey(privateKey, true) },
    privateKey,
    xOnly: schnorr.getPublicKey(privateKey),
  };
}

export interface EcdsaPair {
  readonly key: PublicKeyFacts;
  readonly privateKey: Uint8Array;
  /** @returns 65 bytes: r, s, recovery id */
  sign(digest: Uint8Array): Uint8Array;
}

/** @param privateKey 32 bytes, or one byte to fill them with */
export function ecdsaPair(
  privateKey: Uint8Array | number,
  suite: "ecdsa-secp256k1" | "ecdsa-p256" = "ecdsa-secp256k1",
): EcdsaPair {
  const secret = typeof privateKey === "number" ? new Uint8Array(32).fill(privateKey) : privateKey;
  const curve = suite === "ecdsa-p256" ? p256 : secp256k1;
  return {
    key: { suite, publicKey: curve.getPublicKey(secret, true) },
    privateKey: secret,
    sign(digest) {
      const recovered = curve.sign(digest, secret, { prehash: false, format: "recovered" });
      return Uint8Array.of(...recovered.subarray(1), recovered[0]!);
    },
  };
}

export const plainKeys: readonly PublicKeyFacts[] = [
  { suite: "secp256k1", publicKey: taprootPair(9).key.publicKey },
  { suite: "p256", publicKey: taprootPair(9).key.publicKey },
];
