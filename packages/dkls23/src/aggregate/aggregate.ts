import { bytesToInteger, type EcdsaCurve, type Group, recoverEcdsa, recoverInGroup } from "@quorate/curves";
import type { EcdsaShare } from "./share.ts";

/**
 * Why shares did not become a signature. `degenerate`: r, u or s is zero, which is chance or malice. `invalid_signature`: the shares
 * do not fit together; nothing in them says whose is wrong. `malformed`: a length, a point or a scalar is not what it should be.
 */
export type AggregationErrorCode = "degenerate" | "invalid_signature" | "malformed";

/** Shares did not become a signature. The presignature behind them is spent all the same. */
export class AggregationError extends Error {
  override readonly name = "AggregationError";
  readonly code: AggregationErrorCode;
  constructor(code: AggregationErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Low s on secp256k1; on P-256 s as it comes. */
export interface EcdsaSignature {
  /** 32 bytes. */
  readonly r: Uint8Array;
  /** 32 bytes. */
  readonly s: Uint8Array;
  /** Bit 0: the nonce point that fits `s` has an odd y. Bit 1: its x coordinate is r plus the order. */
  readonly recid: 0 | 1 | 2 | 3;
}

/** @throws AggregationError `malformed` on Ed25519 */
export function curveOf({ name }: Group): EcdsaCurve {
  if (name === "ed25519") throw new AggregationError("malformed", "ECDSA is not defined on ed25519");
  return name;
}

/**
 * Sums up the shares of a signing set: with R = k * G and phi the sum of all masks, `sum w / sum u` is
 * `(h + r * x') * phi / (k * phi)` (DKLs23, eprint 2023/765, protocol 3.6). The result is returned only if the public key can be
 * recovered from it, which implies that it verifies.
 *
 * @param publicKey X', SEC1 compressed, 33 bytes
 * @param bigR R, SEC1 compressed, 33 bytes
 * @param digest 32 bytes
 * @param shares of all of the signing set
 * @throws AggregationError
 */
export function aggregate(
  group: Group,
  publicKey: Uint8Array,
  bigR: Uint8Array,
  digest: Uint8Array,
  shares: readonly EcdsaShare[],
): EcdsaSignature {
  const curve = curveOf(group);
  if (digest.length !== 32) throw new AggregationError("malformed", `a digest is 32 bytes, not ${digest.length}`);
  const R = parsed("R", () => group.decodePoint(bigR));
  const x = bytesToInteger(bigR.subarray(1));
  const r = group.mod(x);
  const u = parsed("a share of u", () => sum(group, shares, "u"));
  const w = parsed("a share of w", () => sum(group, shares, "w"));
  if (r === 0n || u === 0n) throw new AggregationError("degenerate", "the shares give no signature");
  const quotient = group.mod(w * group.invert(u));
  if (quotient === 0n) throw new AggregationError("degenerate", "s is zero");
  const isNegated = curve === "secp256k1" && quotient > group.order >> 1n;
  const isOdd = group.hasOddY(R) !== isNegated;
  const recid = recidOf(isOdd, x >= group.order);
  const signature = { r: group.encodeScalar(r), s: group.encodeScalar(isNegated ? group.order - quotient : quotient) };
  const encoded = Uint8Array.of(...signature.r, ...signature.s);
  const recovered =
    group.backend === "model"
      ? recoverInGroup(group, digest, encoded, recid)
      : recoverEcdsa(curve, digest, encoded, recid);
  if (recovered === undefined || Buffer.compare(recovered, publicKey) !== 0) {
    throw new AggregationError("invalid_signature", "the shares do not make a signature of this key");
  }
  return { ...signature, recid };
}

function recidOf(isOdd: boolean, isReduced: boolean): 0 | 1 | 2 | 3 {
  if (isReduced) return isOdd ? 3 : 2;
  return isOdd ? 1 : 0;
}

function sum(group: Group, shares: readonly EcdsaShare[], part: "u" | "w"): bigint {
  return group.mod(shares.reduce((total, share) => total + group.decodeScalar(share[part]), 0n));
}

function parsed<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new AggregationError("malformed", `${what}: ${(error as Error).message}`);
  }
}
