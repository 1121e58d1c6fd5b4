import { beforeAll, describe, expect, test } from "vitest";
import { cryptoOf, run, swarm, warmDisks } from "./index.ts";

// The pairs of the signers are set up once for all, which takes some seconds of a busy machine.
beforeAll(() => void warmDisks(3, cryptoOf("model")), 180_000);

describe("a run", () => {
  test("of one seed is the same each time, whatever went wrong in it", () => {
    const [first, second] = [1, 2].map(() => run(swarm("13", "stormy", "model")));
    expect(first?.hash).toBe(second?.hash);
    expect([first?.violations, first?.unfinished]).toEqual([[], []]);
  });
});
