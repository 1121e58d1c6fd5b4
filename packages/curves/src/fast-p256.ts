import { createECDH, ECDH } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import { bytesToInteger, integerToBytes } from "./integer.ts";
import type { Arithmetic } from "./member.ts";
import { noble } from "./noble.ts";

const { Point } = p256;
type P256 = typeof Point.BASE;
const { Fp, Fn } = Point;
const { a, b } = Point.CURVE();
const CURVE = "prime256v1";

/** A new object each time: a shared one would keep the last secret. */
function ecdh(k: bigint): ECDH {
  const key = createECDH(CURVE);
  key.setPrivateKey(integerToBytes(k, 32));
  return key;
}

/**
 * `k * P` from two Diffie-Hellman computations, which give only x coordinates: with `P = (x, y)`, `x1 = x(kP)` and
 * `x2 = x((k+1)P)`, the y coordinate of `kP` is `(2b + (a + x*x1)(x + x1) - x2(x - x1)^2) / 2y` (Brier and Joye, "Weierstrass
 * Elliptic Curves and Side-Channel Attacks", PKC 2002).
 */
function multiply(P: P256, k: bigint): P256 {
  // Below 16 bits noble's addition chain is shorter than two multiplications; for k = -1, (k+1)P has no x coordinate.
  if (k < 1n << 16n || k === Fn.ORDER - 1n) return noble.p256.multiply(P, k);
  const { x, y } = P.toAffine();
  const bytes = P.toBytes(false);
  const x1 = bytesToInteger(ecdh(k).computeSecret(bytes));
  const x2 = bytesToInteger(ecdh(k + 1n).computeSecret(bytes));
  const first = Fp.mul(Fp.add(a, Fp.mul(x, x1)), Fp.add(x, x1));
  const second = Fp.mul(x2, Fp.sqr(Fp.sub(x, x1)));
  const doubleY = Fp.sub(Fp.add(Fp.add(b, b), first), second);
  // Left projective, with Z = 2y: whoever encodes the sum divides once.
  const Z = Fp.add(y, y);
  return new Point(Fp.mul(x1, Z), doubleY, Z);
}

/** OpenSSL does the multiplications (both constant-time there) and decompression, noble the additions. A point is noble's. */
export const fastP256: Arithmetic<P256> = {
  ...noble.p256,
  backend: "fast",
  base: (k) => Point.fromBytes(Uint8Array.from(ecdh(k).getPublicKey())),
  multiply,
  multiplyAdd: (terms) => terms.map(([P, k]) => multiply(P, k)).reduce(noble.p256.add, Point.ZERO),
  decode(bytes) {
    // OpenSSL also reads other forms of SEC1; in 33 bytes only the compressed one fits.
    try {
      const uncompressed = ECDH.convertKey(bytes, CURVE, undefined, undefined, "uncompressed") as Buffer;
      return Point.fromBytes(Uint8Array.from(uncompressed));
    } catch {
      return undefined;
    }
  },
};
