import { sha512 } from "./digest.ts";
import type { Group, GroupName } from "./group.ts";
import { bytesToInteger, integerToBytes, reversedToInteger } from "./integer.ts";
import { type Arithmetic, groupOf } from "./member.ts";
import { noble } from "./noble.ts";
import type { ElementGroup } from "./ristretto255.ts";

type Form = Pick<Arithmetic<bigint>, "encode" | "decode" | "hasOddY">;

/** As on Ed25519: 32 bytes, little-endian. */
function plainForm(order: bigint): Form {
  return {
    encode: (P) => integerToBytes(P, 32).reverse(),
    decode(bytes) {
      const P = reversedToInteger(bytes);
      return P < order ? P : undefined;
    },
  };
}

/**
 * As SEC1: a byte for the parity, then an x coordinate. The order is odd, so of P and -P one is even: that one is the x coordinate of both,
 * and the other has the odd y.
 */
function compressedForm(order: bigint): Form {
  const isOdd = (P: bigint) => (P & 1n) === 1n;
  return {
    hasOddY: isOdd,
    encode(P) {
      const bytes = new Uint8Array(33);
      bytes[0] = isOdd(P) ? 3 : 2;
      bytes.set(integerToBytes(isOdd(P) ? order - P : P, 32), 1);
      return bytes;
    },
    decode(bytes) {
      const x = bytesToInteger(bytes.subarray(1));
      if (isOdd(x) || x >= order || (bytes[0] !== 2 && bytes[0] !== 3)) return undefined;
      if (bytes[0] === 2) return x;
      return x === 0n ? undefined : order - x;
    },
  };
}

/**
 * UNSAFE: who sees a point knows its logarithm. The integers modulo the order of the real group with addition, and encodings of its lengths,
 * so that all code above runs as it is. The generator is a constant like any other: the encoding of `k * G` does not show the bytes of `k`.
 */
export function unsafeModelGroup(name: GroupName): Group {
  const { order, pointLength, invert } = noble[name];
  const generator = bytesToInteger(sha512(Buffer.from(`UNSAFE model of ${name}`))) % order;
  return groupOf<bigint>({
    ...{ name, backend: "model", order, pointLength, generator, identity: 0n, invert },
    base: (k) => (k * generator) % order,
    multiply: (P, k) => (P * k) % order,
    add: (P, Q) => (P + Q) % order,
    negate: (P) => (P === 0n ? P : order - P),
    equals: (P, Q) => P === Q,
    ...(name === "ed25519" ? plainForm(order) : compressedForm(order)),
  });
}

/** UNSAFE: the model of ristretto255. Refuses the identity where that does, and bytes that encode no element. */
export function unsafeModelElements(): ElementGroup {
  const G = unsafeModelGroup("ed25519");
  const nonZero = (k: bigint): bigint => {
    if (k === 0n) throw new Error("the product would be the identity");
    return k;
  };
  return {
    name: "UNSAFE model of ristretto255",
    base: (k) => G.encodePoint(G.base(nonZero(k))),
    multiply: (P, k) => G.encodePoint(G.multiply(G.decodePoint(P), nonZero(k))),
    add: (P, Q) => G.encodePoint(G.add(G.decodePoint(P), G.decodePoint(Q))),
    subtract: (P, Q) => G.encodePoint(G.subtract(G.decodePoint(P), G.decodePoint(Q))),
  };
}
