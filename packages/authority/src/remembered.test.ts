import { expect, test } from "vitest";
import { remembered } from "./remembered.ts";

/** Reads a text as its length, refuses an empty one, and counts. */
function counting() {
  let calls = 0;
  const read = remembered((text) => {
    calls++;
    if (text === "") throw new Error("empty");
    return { length: text.length };
  });
  return { read, calls: () => calls };
}

test("a text is read once, and another is another", () => {
  const { read, calls } = counting();
  expect(read("abc")).toBe(read("abc"));
  expect(read("abcd")).toEqual({ length: 4 });
  expect(calls()).toBe(2);
});

test("a refusal is not remembered", () => {
  const { read, calls } = counting();
  for (let times = 0; times < 2; times++) expect(() => read("")).toThrow("empty");
  expect(calls()).toBe(2);
});

test("the last 64 are remembered, and no long text", () => {
  const { read, calls } = counting();
  for (let n = 0; n < 65; n++) read(`text ${n}`);
  read("text 1");
  expect(calls()).toBe(65);
  read("text 0");
  expect(calls()).toBe(66);
  for (let times = 0; times < 2; times++) read("x".repeat(16_385));
  expect(calls()).toBe(68);
});
