import { secp256k1 } from "@noble/curves/secp256k1.js";
import { hex } from "@quorate/orders";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { derSignature, encodeEcdsa } from "./ecdsa-signature.ts";

const signature = (recid: number) => Uint8Array.of(...new Uint8Array(64).fill(7), recid);

describe("an ECDSA signature", () => {
  it("has r, s and the recovery id as they are, with 27 added for Ethereum, or as DER", () => {
    expect(encodeEcdsa(signature(3), "plain")).toEqual(signature(3));
    expect(encodeEcdsa(signature(0), "evm")).toEqual(signature(27));
    expect(encodeEcdsa(signature(1), "evm")).toEqual(signature(28));
    expect(encodeEcdsa(signature(2), "der")).toEqual(derSignature(signature(0)));
  });

  it("with a recovery id above 1 has no form on Ethereum", () => {
    for (const recid of [2, 3, 27]) expect(() => encodeEcdsa(signature(recid), "evm")).toThrow(/no signatures with/);
  });

  it("has the DER of noble, whatever its numbers begin with", () => {
    const number = fc
      .tuple(fc.nat(32), fc.uint8Array({ minLength: 32, maxLength: 32 }))
      .map(([zeros, bytes]) => bytes.fill(0, 0, zeros).fill(1, 31));
    fc.assert(
      fc.property(number, number, (r, s) => {
        const bytes = Uint8Array.of(...r, ...s);
        let expected: string;
        try {
          expected = secp256k1.Signature.fromBytes(bytes, "compact").toHex("der");
        } catch {
          return; // not below the order
        }
        expect(hex(derSignature(Uint8Array.of(...bytes, 0)))).toBe(expected);
      }),
    );
    const high = Uint8Array.of(0x80, ...new Uint8Array(30), 1);
    expect(hex(derSignature(Uint8Array.of(...high, ...high, 0))).slice(0, 10)).toBe("3046022100");
  });
});
