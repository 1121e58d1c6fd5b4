import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { bytesToInteger, type Group, type GroupName, group, integerToBytes, u32be, XOF } from "@quorate/curves";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { deriveChild, stepFrom } from "./child.ts";
import { parsePath } from "./path.ts";

interface Node {
  readonly chainCode: string;
  readonly privateKey: string;
  readonly publicKey: string;
}
interface Vector {
  readonly group: "secp256k1" | "p256";
  readonly name: string;
  readonly parent: Node;
  readonly path: string;
  readonly child: Node;
}

const { vectors } = JSON.parse(
  readFileSync(new URL("../../../../test/vectors/derivation.json", import.meta.url), "utf8"),
) as { vectors: readonly Vector[] };

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const unhex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
const SUITES: readonly (readonly [string, GroupName])[] = [
  ["ecdsa-secp256k1", "secp256k1"],
  ["taproot", "secp256k1"],
  ["ecdsa-p256", "p256"],
  ["ed25519", "ed25519"],
];

/** A private child by the definitions, from the private key: BIP-32 and SLIP-10 without the retry, and ours. */
function privateChild(suite: string, on: Group, privateKey: bigint, chainCode: Uint8Array, index: number) {
  const publicKey = on.encodePoint(on.base(privateKey));
  if (on.name === "ed25519") {
    const output = XOF(suite, "ckd/ed25519", 96, chainCode, publicKey, u32be(index));
    const left = bytesToInteger(output.subarray(0, 64).reverse());
    return { privateKey: on.mod(privateKey + left), chainCode: output.slice(64) };
  }
  const I = createHmac("sha512", chainCode).update(publicKey).update(u32be(index)).digest();
  return {
    privateKey: on.mod(privateKey + bytesToInteger(I.subarray(0, 32))),
    chainCode: new Uint8Array(I.subarray(32)),
  };
}

describe.each(["fast", "noble"] as const)("on the %s backend", (backend) => {
  it.each(vectors)("$group, published: $name", (vector) => {
    const on = group(vector.group, backend);
    const { parent, child } = vector;
    const derived = deriveChild(
      `ecdsa-${vector.group}`,
      on,
      unhex(parent.publicKey),
      unhex(parent.chainCode),
      parsePath(vector.path),
    );
    expect(hex(derived.publicKey)).toBe(child.publicKey);
    expect(hex(derived.chainCode)).toBe(child.chainCode);
    const difference = BigInt(`0x${child.privateKey}`) - BigInt(`0x${parent.privateKey}`);
    expect(derived.tweak).toBe(on.mod(difference));
  });

  it.each(SUITES)("%s: the tweak is what the private key changes by, whatever the path", (suite, name) => {
    const on = group(name, backend);
    const path = fc.array(fc.nat(2 ** 31 - 1), { maxLength: 10 });
    const key = fc.bigInt({ min: 1n, max: on.order - 1n });
    fc.assert(
      fc.property(key, fc.uint8Array({ minLength: 32, maxLength: 32 }), path, (privateKey, chainCode, indices) => {
        const child = deriveChild(suite, on, on.encodePoint(on.base(privateKey)), chainCode, indices);
        const byDefinition = indices.reduce(
          (parent, index) => privateChild(suite, on, parent.privateKey, parent.chainCode, index),
          { privateKey, chainCode },
        );
        expect(on.mod(privateKey + child.tweak)).toBe(byDefinition.privateKey);
        expect(hex(child.publicKey)).toBe(hex(on.encodePoint(on.base(byDefinition.privateKey))));
        expect(hex(child.chainCode)).toBe(hex(byDefinition.chainCode));
      }),
      { numRuns: 10 },
    );
  });
});

const secp256k1 = group("secp256k1", "fast");
const p256 = group("p256", "fast");
const [{ parent }] = vectors as [Vector];
const publicKey = unhex(parent.publicKey);
const chainCode = unhex(parent.chainCode);

test("no path is the key itself, in bytes of its own", () => {
  const itself = deriveChild("ecdsa-secp256k1", secp256k1, publicKey, chainCode, []);
  expect(itself).toEqual({ tweak: 0n, publicKey, chainCode });
  itself.chainCode.fill(0);
  expect(hex(chainCode)).toBe(parent.chainCode);
});

test("derivation leaves what it was given as it was", () => {
  deriveChild("ecdsa-secp256k1", secp256k1, publicKey, chainCode, [1, 2]);
  expect([hex(publicKey), hex(chainCode)]).toEqual([parent.publicKey, parent.chainCode]);
});

test.each([secp256k1, p256])("64 bytes that give no scalar or no key give no child: $name", (on) => {
  const at = { publicKey: on.base(5n), chainCode };
  const I = (left: bigint) => Uint8Array.of(...integerToBytes(left, 32), ...chainCode);
  expect(stepFrom(on, at, I(on.order))).toBeUndefined();
  expect(stepFrom(on, at, new Uint8Array(64).fill(255))).toBeUndefined();
  expect(stepFrom(on, at, I(on.order - 5n))).toBeUndefined();
  expect(stepFrom(on, at, I(on.order - 1n))?.tweak).toBe(on.order - 1n);
  expect(on.equals(stepFrom(on, at, I(0n))!.publicKey, at.publicKey)).toBe(true);
});

test("where BIP-32 has no child the next index is asked for", () => {
  // No such index is known on secp256k1, so the order is made small enough for all to be such.
  const small = { ...secp256k1, order: 2n };
  expect(() => deriveChild("ecdsa-secp256k1", small, publicKey, chainCode, [7])).toThrow(
    /no child 7 here, by chance: use the next index/,
  );
});

test("hardened indices, long paths and other chain codes are refused", () => {
  const derive = (code: Uint8Array, path: readonly number[]) =>
    deriveChild("ecdsa-secp256k1", secp256k1, publicKey, code, path);
  expect(() => derive(chainCode, [2 ** 31])).toThrow(RangeError);
  expect(() => derive(chainCode, [0.5])).toThrow(RangeError);
  expect(() => derive(chainCode, new Array(11).fill(0))).toThrow(RangeError);
  expect(() => derive(chainCode.subarray(1), [])).toThrow(/32 bytes, not 31/);
  expect(() => deriveChild("ecdsa-secp256k1", secp256k1, publicKey.with(0, 4), chainCode, [])).toThrow();
});

test("the construction on Ed25519 stays what it is", () => {
  // Our own vector, computed once from the construction in another language.
  const on = group("ed25519", "fast");
  const { tweak, chainCode: next } = deriveChild(
    "ed25519",
    on,
    on.encodePoint(on.base(1n)),
    new Uint8Array(32).fill(7),
    [5],
  );
  expect(tweak).toBe(0x927ccf45347eda31e0cf227d26f579064e97356a8cff88f0600f62acadc06fcn);
  expect(hex(next)).toBe("f89431162c7e8a3eb350c2c27951880609c00c8056f5afbdab85b1690c8472d4");
});
