import { describe, expect, test } from "vitest";
import { run, swarm } from "./index.ts";

describe("a run", () => {
  test("of one seed is the same each time, whatever went wrong in it", () => {
    const [first, second] = [1, 2].map(() => run(swarm("13", "stormy", "model")));
    expect(first?.hash).toBe(second?.hash);
    expect([first?.violations, first?.unfinished]).toEqual([[], []]);
  });
});
