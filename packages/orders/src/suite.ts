import { choice } from "@quorate/curves";

/**
 * The kinds of key. `ed25519`: EdDSA; `taproot`: BIP-340 Schnorr with the BIP-341 tweak at signing; `secp256k1` and `p256`: plain
 * FROST over those curves (RFC 9591).
 */
export const SUITES = ["ed25519", "taproot", "secp256k1", "p256"] as const;
export type SuiteName = (typeof SUITES)[number];
export const suiteName = choice(SUITES);

/** The most holders that a key may have. */
export const MAX_SIGNERS = 15;
