import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { verifyEd25519 } from "./signature.ts";

/** The long-term Ed25519 key of a node: it signs what the node says. The seed stays inside. */
export interface Identity {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** @returns 64 bytes (RFC 8032) */
  sign(message: Uint8Array): Uint8Array;
}

const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** @param seed 32 bytes, RFC 8032 private key */
export function identityFromSeed(seed: Uint8Array): Identity {
  if (seed.length !== 32) throw new Error(`an identity seed is 32 bytes, not ${seed.length}`);
  const der = Buffer.concat([PKCS8_PREFIX, seed]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  der.fill(0);
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return {
    publicKey: new Uint8Array(spki.subarray(-32)),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

/** Verifies what a node said: `verifyEd25519`. */
export const verifyIdentity: typeof verifyEd25519 = verifyEd25519;
