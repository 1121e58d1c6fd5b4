import type { Point } from "@quorate/curves";
import { FrostError } from "./error.ts";
import type { FrostSuite } from "./suite.ts";

/** Whether a number can be the x coordinate of a share. */
export function isIdentifier(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}

/** The public side of a key, parsed once. Taproot keys are stored as they were made: neither lifted nor tweaked. */
export interface PublicKeyPackage {
  readonly suite: FrostSuite;
  readonly publicKey: Point;
  /** 32 bytes on Ed25519, else 33. */
  readonly encodedPublicKey: Uint8Array;
  /** `s_i * G` of every holder, by identifier. */
  readonly verifyingShares: ReadonlyMap<number, Point>;
  /** How many holders it takes to sign. */
  readonly minSigners: number;
}

/**
 * Parses the public side of a key.
 *
 * @throws FrostError `invalid_key` on a point that is not valid, an identifier below 1, or a `minSigners` outside 2..n
 */
export function parsePublicKeyPackage(
  suite: FrostSuite,
  encoded: {
    readonly publicKey: Uint8Array;
    readonly verifyingShares: ReadonlyMap<number, Uint8Array>;
    readonly minSigners: number;
  },
): PublicKeyPackage {
  const { minSigners } = encoded;
  const parse = (name: string, bytes: Uint8Array): Point => {
    try {
      return suite.group.decodePoint(bytes);
    } catch (error) {
      throw new FrostError("invalid_key", `${name}: ${(error as Error).message}`);
    }
  };
  if (!Number.isSafeInteger(minSigners) || minSigners < 2 || minSigners > encoded.verifyingShares.size) {
    throw new FrostError("invalid_key", `${minSigners} of ${encoded.verifyingShares.size} is not a quorum`);
  }
  const verifyingShares = new Map<number, Point>();
  for (const [identifier, bytes] of encoded.verifyingShares) {
    if (!isIdentifier(identifier)) throw new FrostError("invalid_key", `${identifier} is not an identifier`);
    verifyingShares.set(identifier, parse(`verifying share ${identifier}`, bytes));
  }
  return {
    suite,
    publicKey: parse("public key", encoded.publicKey),
    encodedPublicKey: encoded.publicKey,
    verifyingShares,
    minSigners,
  };
}
