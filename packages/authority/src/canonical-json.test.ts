import { readFileSync } from "node:fs";
import { hex, InputError } from "@quorate/orders";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, MAX_DEPTH, settled } from "./canonical-json.ts";
import { requestDigest } from "./request-digest.ts";

const vectors = JSON.parse(readFileSync(new URL("../../../test/vectors/rfc8785.json", import.meta.url), "utf8")) as {
  texts: { name: string; input: string; output: string }[];
  numbers: [string, string][];
  refusedNumbers: string[];
};

const double = (bits: string) => Buffer.from(bits, "hex").readDoubleBE();

describe("canonicalJson", () => {
  it.each(vectors.texts)("agrees with RFC 8785: $name", ({ input, output }) => {
    expect(canonicalJson(JSON.parse(input))).toBe(output);
  });
  it.each(vectors.numbers)("writes the number %s as RFC 8785 does: %s", (bits, text) => {
    expect(canonicalJson(double(bits))).toBe(text);
  });
  it.each(vectors.refusedNumbers)("refuses the number %s", (bits) => {
    expect(() => canonicalJson([double(bits)])).toThrow(InputError);
  });
  it("means the value that it was made from, whatever the order of members", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(canonicalJson({ b: 1, a: { d: 2, c: 3 } })).toBe(canonicalJson({ a: { c: 3, d: 2 }, b: 1 }));
  });
  it.each([
    ["half a surrogate pair", { a: ["\ud800"] }, "a[0]"],
    ["half a surrogate pair in a name", { "\ud800": 1 }, "body"],
    ["undefined", { a: { b: undefined } }, "a.b"],
    ["a hole", new Array(1), "[0]"],
    ["a bigint", { a: 1n }, "a"],
    ["a date", { a: new Date(0) }, "a"],
    ["bytes", { a: new Uint8Array(1) }, "a"],
    ["a function", { a: () => 1 }, "a"],
  ])("refuses %s, and says where", (_, value, field) => {
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ name: "InputError", field }));
  });
  it("refuses nesting that could exhaust the stack", () => {
    const nested = (depth: number) => JSON.parse("[".repeat(depth) + "]".repeat(depth)) as unknown;
    expect(() => canonicalJson(nested(MAX_DEPTH))).not.toThrow();
    expect(() => canonicalJson(nested(MAX_DEPTH + 2))).toThrow(InputError);
    expect(() => canonicalJson(nested(5000))).toThrow(/nested deeper/);
  });
});

describe("requestDigest", () => {
  it("is 32 bytes, the same for any order of members, and another for another value", () => {
    const digest = hex(requestDigest({ kind: "Hash", hash: "00" }));
    expect(digest).toHaveLength(64);
    expect(hex(requestDigest({ hash: "00", kind: "Hash" }))).toBe(digest);
    expect(hex(requestDigest({ kind: "Hash", hash: "01" }))).not.toBe(digest);
  });
});

describe("settled", () => {
  it("has the text of what it was made of, whatever becomes of that, and cannot be changed", () => {
    const value = { z: [1, { y: "x" }], a: null };
    const before = canonicalJson(value);
    const copy = settled(value);
    value.z.push(2);
    expect(canonicalJson(copy)).toBe(before);
    expect(copy).toEqual({ z: [1, { y: "x" }], a: null });
    expect(() => (copy.z as unknown[]).push(3)).toThrow(TypeError);
    expect(() => Object.assign(copy.z[1] as object, { y: "w" })).toThrow(TypeError);
    expect(settled(copy)).toBe(copy);
  });

  it("keeps a member of every name, and refuses what is not JSON", () => {
    const copy = settled(JSON.parse('{"__proto__":{"a":1}}') as object);
    expect(canonicalJson({ copy })).toBe('{"copy":{"__proto__":{"a":1}}}');
    expect(() => settled({ a: undefined })).toThrow(InputError);
  });
});
