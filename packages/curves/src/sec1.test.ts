import { createECDH } from "node:crypto";
import { expect, test } from "vitest";
import { group } from "./groups.ts";
import { uncompressed } from "./sec1.ts";

test.each([
  ["secp256k1", "secp256k1"],
  ["p256", "prime256v1"],
] as const)("a point of %s has the uncompressed form that OpenSSL gives it", (curve, name) => {
  for (const secret of [1, 2, 3, 250]) {
    const key = createECDH(name);
    key.setPrivateKey(Buffer.alloc(32, secret));
    expect(Buffer.from(uncompressed(curve, key.getPublicKey(null, "compressed")))).toEqual(key.getPublicKey());
  }
});

test("what is no point of the curve has none", () => {
  const on = group("secp256k1", "fast");
  const point = on.encodePoint(on.base(5n));
  expect(() => uncompressed("secp256k1", point.with(0, 5))).toThrow();
  expect(() => uncompressed("secp256k1", point.subarray(1))).toThrow();
  expect(() => uncompressed("secp256k1", Uint8Array.of(2, ...new Uint8Array(32).fill(255)))).toThrow();
});
