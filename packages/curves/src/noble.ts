import type { CurvePoint, CurvePointCons } from "@noble/curves/abstract/curve.js";
import { mulAddUnsafe } from "@noble/curves/abstract/curve.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import type { GroupName } from "./group.ts";
import type { Arithmetic } from "./member.ts";

function arithmeticOf<P extends CurvePoint<bigint, P>>(
  name: GroupName,
  Curve: CurvePointCons<P>,
): Arithmetic<P> & { hasOddY(P: P): boolean } {
  return {
    name,
    backend: "noble",
    order: Curve.Fn.ORDER,
    pointLength: name === "ed25519" ? 32 : 33,
    generator: Curve.BASE,
    identity: Curve.ZERO,
    base: (k) => Curve.BASE.multiply(k),
    multiply: (P, k) => P.multiplyUnsafe(k),
    multiplyAdd(terms) {
      return mulAddUnsafe(
        Curve,
        terms.map(([P]) => P),
        terms.map(([, k]) => k),
      );
    },
    add: (P, Q) => P.add(Q),
    negate: (P) => P.negate(),
    equals: (P, Q) => P.equals(Q),
    invert: (k) => Curve.Fn.inv(k),
    decode(bytes) {
      try {
        const P = Curve.fromBytes(Uint8Array.from(bytes));
        return P.isTorsionFree() ? P : undefined;
      } catch {
        return undefined;
      }
    },
    encode: (P) => P.toBytes(),
    hasOddY: (P) => (P.toAffine().y & 1n) === 1n,
  };
}

const { hasOddY: _, ...edwards } = arithmeticOf("ed25519", ed25519.Point);

/** BigInt arithmetic of @noble/curves: portable, and the oracle that the fast backends are tested against. Best effort at constant time. */
export const noble = {
  ed25519: edwards,
  secp256k1: arithmeticOf("secp256k1", secp256k1.Point),
  p256: arithmeticOf("p256", p256.Point),
};
