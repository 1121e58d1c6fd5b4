import { choice, type GroupName } from "@quorate/curves";

/**
 * The kinds of key. `ed25519`: EdDSA; `taproot`: BIP-340 Schnorr with the BIP-341 tweak at signing; `secp256k1` and `p256`: plain
 * FROST over those curves (RFC 9591); `ecdsa-secp256k1` and `ecdsa-p256`: threshold ECDSA.
 */
export const SUITES = ["ed25519", "taproot", "secp256k1", "p256", "ecdsa-secp256k1", "ecdsa-p256"] as const;
export type SuiteName = (typeof SUITES)[number];
export const suiteName = choice(SUITES);

const CURVES: Readonly<Record<SuiteName, GroupName>> = {
  ed25519: "ed25519",
  taproot: "secp256k1",
  secp256k1: "secp256k1",
  p256: "p256",
  "ecdsa-secp256k1": "secp256k1",
  "ecdsa-p256": "p256",
};

/** The group that keys of this kind live in. */
export function curveOf(suite: SuiteName): GroupName {
  return CURVES[suite];
}

/** The kinds of key that sign ECDSA; all others sign by FROST. */
export type EcdsaSuite = "ecdsa-secp256k1" | "ecdsa-p256";

export function isEcdsa(suite: SuiteName): suite is EcdsaSuite {
  return suite === "ecdsa-secp256k1" || suite === "ecdsa-p256";
}

/** The most holders that a key may have. */
export const MAX_SIGNERS = 15;
