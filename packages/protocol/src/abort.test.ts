import { expect, test } from "vitest";
import { Abort, consequence, demand, isAbortCode } from "./index.ts";

test("an abort that blames needs a name, and one that does not cannot carry any", () => {
  expect(() => new Abort("bad_share")).toThrow(RangeError);
  for (const code of ["timeout", "unreachable", "echo_mismatch", "stopped", "defect", "degenerate_key"] as const) {
    expect(() => new Abort(code, [1])).toThrow(RangeError);
    expect(new Abort(code).verdict).toBe("retry");
  }
});

test("culprits are ascending and in the text", () => {
  const abort = new Abort("bad_proof", [3, 1]);
  expect(abort.culprits).toEqual([1, 3]);
  expect(abort.message).toContain("3, 1");
});

test("a demand names exactly those for whom it fails", () => {
  const inbox = new Map([
    [1, 5],
    [2, 6],
    [4, 7],
  ]);
  expect(() => demand("bad_share", inbox, () => true)).not.toThrow();
  expect(() => demand("bad_share", inbox, (value, from) => value === 6 && from === 2)).toThrow(
    expect.objectContaining({ code: "bad_share", culprits: [1, 4] }),
  );
});

test("codes are told from other words", () => {
  expect(isAbortCode("equivocation")).toBe(true);
  expect(isAbortCode("toString")).toBe(false);
  expect(consequence("equivocation").blames).toBe("culprits");
});
