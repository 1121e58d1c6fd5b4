import { expect, test } from "vitest";
import { Shortest } from "./shortest.ts";

test("the shortest of few samples", () => {
  const shortest = new Shortest();
  expect([5, 1, 9, 2].map((sample) => shortest.add(sample))).toEqual([5, 1, 1, 1]);
});

test("seven samples from a busy process do not move it, and only the last eight count", () => {
  const shortest = new Shortest();
  shortest.add(10);
  for (let at = 0; at < 7; at++) expect(shortest.add(10_000)).toBe(10);
  expect(shortest.add(20)).toBe(20);
});
