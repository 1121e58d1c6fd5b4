import { expect, test } from "vitest";
import { Median } from "./median.ts";

test("the median of few samples", () => {
  const median = new Median();
  expect([5, 1, 9, 2].map((sample) => median.add(sample))).toEqual([5, 3, 5, 3.5]);
});

test("one outlier does not move it far, and only the last eight count", () => {
  const median = new Median();
  for (let at = 0; at < 7; at++) median.add(10);
  expect(median.add(10_000)).toBe(10);
  for (let at = 0; at < 2; at++) expect(median.add(20)).toBe(10);
  for (let at = 0; at < 5; at++) median.add(20);
  expect(median.add(20)).toBe(20);
});
