import { decode, encode } from "@quorate/curves";
import { expect, test } from "vitest";
import { hex, NODE_NAME, nodeId, publicId, unhex } from "./ids.ts";

test("a public id has the shape of the API and tells seeds apart by each of their first 130 bits", () => {
  const seed = new Uint8Array(17);
  expect(publicId("key", seed)).toBe("key-00000-00000-0000000000000000");
  const ids = new Set([publicId("sig", seed)]);
  for (let bit = 0; bit < 130; bit++) {
    const other = seed.slice();
    other[16 - (bit >> 3)]! |= 1 << (bit & 7);
    ids.add(publicId("sig", other));
  }
  expect(ids.size).toBe(131);
  for (const id of ids) expect(id).toMatch(/^sig-[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{16}$/);
});

test("hex goes there and back, for views too", () => {
  const bytes = Uint8Array.from([9, 0, 255, 16, 9]).subarray(1, 4);
  expect(hex(bytes)).toBe("00ff10");
  expect(unhex("00fF10")).toEqual(Uint8Array.of(0, 255, 16));
  expect(unhex("")).toEqual(new Uint8Array());
});

test.each(["0", "0x00", "zz", "00 ", "00\n"])("%j is not hex", (digits) => {
  expect(() => unhex(digits)).toThrow("not hex");
});

test("a node's name is a DNS label, on the wire as in the file", () => {
  for (const name of ["a", "virginia", "sao-paulo-1", "a".repeat(63)]) {
    expect(decode(nodeId, encode(nodeId, name))).toBe(name);
  }
  for (const name of ["", "1a", "-a", "A", "a.b", "a b", "a".repeat(64), "a\n"]) {
    expect(NODE_NAME.test(name)).toBe(false);
    const { length } = name;
    const onWire = Uint8Array.from([0, 0, 0, length, ...new TextEncoder().encode(name)]);
    expect(() => decode(nodeId, onWire)).toThrow("lower-case");
  }
});
