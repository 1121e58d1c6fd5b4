import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { constantTimeEqual, hmacSha512, sha256, sha512, taggedHash } from "./digest.ts";
import { group } from "./groups.ts";
import { enc, H, toScalar, u32be, u64be, XOF, XOF_BLOCK, xofBlocks } from "./hash.ts";
import { bytesToInteger, integerToBytes } from "./integer.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("the framing of arguments", () => {
  test("is injective: no two lists have one encoding", () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 6 }), { maxLength: 4 });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const same = JSON.stringify(a.map(hex)) === JSON.stringify(b.map(hex));
        expect(hex(enc(...a)) === hex(enc(...b))).toBe(same);
      }),
      { numRuns: 500 },
    );
  });

  test("sees a boundary that moved, and an argument that is empty", () => {
    const whole = utf8("abcdef");
    const cuts = Array.from({ length: 7 }, (_, at) => enc(whole.subarray(0, at), whole.subarray(at)));
    expect(new Set([...cuts, enc(whole), enc(whole, utf8(""), utf8(""))].map(hex)).size).toBe(9);
    expect(hex(enc(utf8("ab"), utf8("c")))).toBe("0000000261620000000163");
  });
});

describe("our hashes", () => {
  // Our own vectors, computed once from the construction in another language.
  const parts = ["ed25519", "tag", utf8("ab"), utf8("c")] as const;

  test("stay what they are", () => {
    const [domain, tag, ...rest] = parts;
    expect(hex(H(...parts))).toBe("ad8b84d5f4cc3febea989c542b44a48fc6be90a04e091c986ad9fdb1fba8ad04");
    expect(hex(XOF(domain, tag, 20, ...rest))).toBe("2f909e1717c0e3e853c500b39ee468e19749714f");
    expect(XOF(domain, tag, 1000, ...rest)).toHaveLength(1000);
  });

  test("differ in domain, tag and boundaries", () => {
    const others = [
      H("ed25519", "tag", utf8("a"), utf8("bc")),
      H("ed25519", "tag", utf8("abc")),
      H("ed25519", "tagab", utf8("c")),
      H("ed25519tag", "", utf8("ab"), utf8("c")),
      H("p256", "tag", utf8("ab"), utf8("c")),
    ];
    expect(new Set([H(...parts), ...others].map(hex)).size).toBe(6);
  });

  test("make scalars from 48 bytes", () => {
    expect(toScalar(group("ed25519", "fast"), ...parts)).toBe(
      0x93dce50c1404f164b802e5972d8677122ccb3bc6eea371a8cec1f3afcc56daan,
    );
    expect(toScalar(group("p256", "noble"), ...parts)).toBe(
      0xfb53d7ad7b71b9b3d26258d871f6d8bdcfb8f1d21caf5781648faadd33b2d28en,
    );
  });
});

describe("many hashes of one block at once", () => {
  const fixed = [new Uint8Array(32).fill(7), utf8("x")];
  const values = (count: number) => XOF("test", "values", 32 * count);
  const one = (n: number, all: Uint8Array, domain = "secp256k1") =>
    XOF(domain, "tag", XOF_BLOCK, ...fixed, u32be(n), all.subarray(32 * n, 32 * n + 32));

  // 240 fit into the memory of the permutation at once.
  test.each([0, 1, 2, 7, 239, 240, 241, 481])("are what they are one by one: %i", (count) => {
    const all = values(count);
    const expected = Array.from({ length: count }, (_, n) => hex(one(n, all)));
    expect(hex(xofBlocks("secp256k1", "tag", fixed, all))).toBe(expected.join(""));
  });

  test("take other numbers where they are given", () => {
    const all = values(3);
    const numbers = Uint32Array.of(5, 0, 0xfffffffe);
    const expected = Array.from(numbers, (number, n) =>
      hex(XOF("p256", "tag", XOF_BLOCK, ...fixed, u32be(number), all.subarray(32 * n, 32 * n + 32))),
    );
    expect(hex(xofBlocks("p256", "tag", fixed, all, numbers))).toBe(expected.join(""));
  });

  test("fill a block to its last byte, and no further", () => {
    const all = values(3);
    const frame = enc(utf8("quorate/v1"), utf8("tag"), ...fixed, new Uint8Array(4), new Uint8Array(32), utf8(""));
    for (const room of [130, 134, 135]) {
      const domain = "d".repeat(room - frame.length);
      expect(hex(xofBlocks(domain, "tag", fixed, all).subarray(2 * XOF_BLOCK))).toBe(hex(one(2, all, domain)));
    }
    expect(() => xofBlocks("d".repeat(136 - frame.length), "tag", fixed, all)).toThrow("do not fit a block");
  });
});

describe("the hashes of standards", () => {
  test("run over the parts with nothing between", () => {
    expect(hex(sha256(utf8("a"), utf8("bc")))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(hex(sha512(utf8("ab"), utf8("c")))).toBe(
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    );
  });

  test("are keyed as RFC 4231 says, test cases 2 and 6", () => {
    expect(hex(hmacSha512(utf8("Jefe"), utf8("what do ya want "), utf8("for nothing?")))).toBe(
      "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    );
    const long = utf8("Test Using Larger Than Block-Size Key - Hash Key First");
    expect(hex(hmacSha512(new Uint8Array(131).fill(0xaa), long))).toBe(
      "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
    );
  });

  test("are tagged as BIP-340 says, the second time as the first", () => {
    const tag = sha256(utf8("TapTweak"));
    for (const message of ["ab", "ab", "cd"]) {
      expect(taggedHash("TapTweak", utf8(message))).toEqual(sha256(tag, tag, utf8(message)));
    }
    expect(taggedHash("TapTweak", utf8("a"), utf8("b"))).toEqual(taggedHash("TapTweak", utf8("ab")));
    expect(taggedHash("TapLeaf", utf8("ab"))).not.toEqual(taggedHash("TapTweak", utf8("ab")));
  });
});

test("integers are big-endian and must fit", () => {
  expect([...u32be(258)]).toEqual([0, 0, 1, 2]);
  expect([...u64be(258)]).toEqual([0, 0, 0, 0, 0, 0, 1, 2]);
  expect([...integerToBytes(258n, 3)]).toEqual([0, 1, 2]);
  expect(bytesToInteger(new Uint8Array(0))).toBe(0n);
  expect(bytesToInteger(Uint8Array.of(9, 1, 2, 9).subarray(1, 3))).toBe(258n);
  expect(() => integerToBytes(256n, 1)).toThrow("does not fit");
  expect(() => integerToBytes(-1n, 1)).toThrow("does not fit");
});

test("constant-time comparison is equality", () => {
  expect(constantTimeEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
  expect(constantTimeEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
  expect(constantTimeEqual(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false);
});
