import { p256_hasher } from "@noble/curves/nist.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import frostSecp256k1 from "../../../test/vectors/frost-secp256k1.json" with { type: "json" };
import vectors from "../../../test/vectors/rfc9380.json" with { type: "json" };
import type { Backend, GroupName } from "./group.ts";
import { group } from "./groups.ts";
import { enc } from "./hash.ts";
import { hashMessageToCurve, hashToCurve, hashToField } from "./hash-to-curve.ts";
import { bytesToInteger } from "./integer.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const unhex = (digits: string) => new Uint8Array(Buffer.from(digits, "hex"));
const BACKENDS: readonly Backend[] = ["fast", "noble"];

describe.each(BACKENDS)("hash to curve (%s)", (backend) => {
  test.each(vectors.suites)("gives the points of RFC 9380 on $group", (suite) => {
    const G = group(suite.group as GroupName, backend);
    for (const { message, x, y } of suite.vectors) {
      const P = hashMessageToCurve(G, utf8(message), utf8(suite.dst));
      const prefix = (bytesToInteger(unhex(y)) & 1n) === 1n ? "03" : "02";
      expect(Buffer.from(G.encodePoint(P)).toString("hex")).toBe(prefix + x);
    }
  });

  test("ours is domain, tag and the framed arguments, each of which changes the point", () => {
    const G = group("p256", backend);
    const P = hashToCurve(G, "pair/v1", "eot/h", utf8("ab"), utf8("c"));
    expect(G.equals(P, hashMessageToCurve(G, enc(utf8("ab"), utf8("c")), utf8("quorate/v1/pair/v1/eot/h")))).toBe(true);
    const others = [
      hashToCurve(G, "pair/v2", "eot/h", utf8("ab"), utf8("c")),
      hashToCurve(G, "pair/v1", "eot/rand", utf8("ab"), utf8("c")),
      hashToCurve(G, "pair/v1", "eot/h", utf8("a"), utf8("bc")),
      hashToCurve(G, "pair/v1", "eot/h", utf8("abc")),
    ];
    for (const Q of others) expect(G.equals(P, Q)).toBe(false);
  });
});

describe("hash to field", () => {
  test.each(vectors.hashToScalar)("gives the scalar of the published key derivation for $dst", (vector) => {
    const G = group(vector.group as GroupName, "fast");
    const scalar = hashToField(G, unhex(vector.message), utf8(vector.dst));
    expect(Buffer.from(G.encodeScalar(scalar)).toString("hex")).toBe(vector.scalar);
  });

  test("gives the nonces of RFC 9591 on secp256k1", () => {
    const G = group("secp256k1", "fast");
    const shares = new Map(
      frostSecp256k1.inputs.participant_shares.map((one) => [one.identifier, one.participant_share]),
    );
    for (const one of frostSecp256k1.round_one_outputs.outputs) {
      const input = unhex(one.hiding_nonce_randomness + shares.get(one.identifier));
      const nonce = hashToField(G, input, utf8("FROST-secp256k1-SHA256-v1nonce"));
      expect(Buffer.from(G.encodeScalar(nonce)).toString("hex")).toBe(one.hiding_nonce);
    }
  });
});

test("hash to field is what noble computes, for tags up to 255 bytes", () => {
  const tag = fc.uint8Array({ minLength: 1, maxLength: 255 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), tag, (message, dst) => {
      const expected = p256_hasher.hashToScalar(message, { DST: dst });
      expect(hashToField(group("p256", "fast"), message, dst)).toBe(expected);
    }),
  );
  expect(() => hashToField(group("p256", "fast"), utf8("m"), new Uint8Array(256))).toThrow("255");
});

test("there is no hash to Ed25519", () => {
  const G = group("ed25519", "fast");
  expect(() => hashToCurve(G, "d", "t")).toThrow("ed25519");
});
