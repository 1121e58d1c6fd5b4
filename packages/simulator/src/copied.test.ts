import { expect, test } from "vitest";
import { copied } from "./copied.ts";

test("a copy is what structuredClone makes, and shares nothing", () => {
  const value = {
    ...{ text: "a", count: 1, none: null, missing: undefined, big: 3n, bytes: Uint8Array.of(1, 2, 3).subarray(1) },
    ...{ buffer: Buffer.of(4), map: new Map([[1, { a: [1] }]]), list: [{ b: Uint8Array.of(5) }], set: new Set([1]) },
  };
  const copy = copied(value) as typeof value;
  expect(copy).toEqual(structuredClone(value));
  value.bytes[0] = 9;
  value.list[0]!.b[0] = 9;
  value.map.get(1)!.a[0] = 9;
  expect(copy.bytes).toEqual(Uint8Array.of(2, 3));
  expect(copy.list[0]!.b).toEqual(Uint8Array.of(5));
  expect(copy.map.get(1)).toEqual({ a: [1] });
});

test("what no thread can be given is refused", () => {
  expect(() => copied({ run: () => 1 })).toThrow("could not be cloned");
  expect(() => copied([Symbol("a")])).toThrow("could not be cloned");
});
