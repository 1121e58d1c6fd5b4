import { expect, test } from "vitest";
import { Writer } from "./writer.ts";

test("integers of every size are written big-endian", () => {
  const out = new Writer();
  out.uint(1, 0xff);
  out.uint(2, 0x0102);
  out.uint(4, 0xfffefdfc);
  out.uint(8, 2 ** 53 - 1);
  expect(Buffer.from(out.written).toString("hex")).toBe(`ff0102fffefdfc001fffffffffffff`);
});

test.each([
  ["plain", "abc"],
  ["as long as is plain", "x".repeat(64)],
  ["longer", "x".repeat(65)],
  ["not plain at its end", `${"x".repeat(20)}\u00e9`],
  ["of four bytes a character", "\u{1f511}".repeat(50)],
  ["longer than the room", "\u20ac".repeat(5000)],
  ["empty", ""],
])("text that is %s is written in UTF-8 behind its length", (_, text) => {
  const out = new Writer();
  out.push(Uint8Array.of(7));
  const expected = Buffer.from(text);
  expect(out.text(text)).toBe(expected.length);
  out.push(Uint8Array.of(8));
  const header = Buffer.alloc(4);
  header.writeUInt32BE(expected.length);
  expect(Buffer.concat([Buffer.of(7), header, expected, Buffer.of(8)]).equals(out.written)).toBe(true);
});

test("nothing is left after it was wiped", () => {
  const out = new Writer();
  out.push(new Uint8Array(100).fill(1));
  const seen = out.written;
  expect(out.wipe()).toBe(true);
  expect(seen.every((byte) => byte === 0)).toBe(true);
  expect(out.written).toHaveLength(0);
  out.push(new Uint8Array(1 << 17));
  expect(out.wipe()).toBe(false);
});
