import fc from "fast-check";
import { expect, test } from "vitest";
import { formatPath, parsePath } from "./path.ts";

test("a path is read with and without its m, and written one way", () => {
  expect(parsePath("m")).toEqual([]);
  expect(parsePath("m/44/60/0")).toEqual([44, 60, 0]);
  expect(parsePath("0/5")).toEqual([0, 5]);
  expect(parsePath("m/2147483647")).toEqual([2 ** 31 - 1]);
  expect(formatPath([])).toBe("m");
  expect(formatPath([44, 60, 0])).toBe("m/44/60/0");
  const path = fc.array(fc.nat(2 ** 31 - 1), { maxLength: 10 });
  fc.assert(
    fc.property(path, (indices) => {
      expect(parsePath(formatPath(indices))).toEqual(indices);
    }),
  );
});

test.each(["m/44'/60", "m/44h", "m/0H", "5'"])("a hardened index is refused, saying why: %s", (text) => {
  expect(() => parsePath(text)).toThrow(/hardened, which takes the whole private key, and nobody has that/);
});

test.each([
  ["nothing", ""],
  ["a slash at the end", "m/"],
  ["a slash at the start", "/0"],
  ["an empty level", "m//0"],
  ["a leading zero", "m/00"],
  ["a sign", "m/-1"],
  ["a space", "m/ 1"],
  ["a fraction", "m/1.5"],
  ["another base", "m/0x1"],
  ["another letter", "M/0"],
  ["m in the middle", "m/0/m"],
  ["digits of another script", "m/\u0661"],
])("what is no path is refused: %s", (_, text) => expect(() => parsePath(text)).toThrow(RangeError));

test("an index from 2^31 on is refused", () => {
  for (const text of ["m/2147483648", "4294967295", "m/99999999999999999999"]) {
    expect(() => parsePath(text)).toThrow(/below 2\^31/);
  }
  for (const index of [2 ** 31, -1, 0.5, Number.NaN]) expect(() => formatPath([index])).toThrow(/below 2\^31/);
});

test("more than ten levels are refused", () => {
  const ten = Array.from({ length: 10 }, () => 2 ** 31 - 1);
  expect(parsePath(formatPath(ten))).toEqual(ten);
  expect(() => formatPath([...ten, 0])).toThrow(/at most 10 levels/);
  expect(() => parsePath("m/0/1/2/3/4/5/6/7/8/9/10")).toThrow(/at most 10 levels/);
  expect(() => parsePath("0/".repeat(1_000_000))).toThrow(/at most 10 levels/);
});

test("whatever the text, it is a path or a RangeError", () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."m/0129'h") }));
  fc.assert(
    fc.property(text, (given) => {
      try {
        const canonical = formatPath(parsePath(given));
        expect([given, `m/${given}`]).toContain(canonical);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
    { numRuns: 500 },
  );
});
