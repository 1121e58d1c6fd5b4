import type { Member } from "@quorate/orders";
import { describe, expect, test } from "vitest";
import { quorums } from "./quorum.ts";
import { chooseFamily } from "./set-family.ts";

const members = (n: number): Member[] =>
  Array.from({ length: n }, (_, at) => ({ identifier: at + 1, node: `node-${at + 1}` }));
const shown = (family: readonly (readonly Member[])[]) =>
  family.map((set) => set.map((one) => one.identifier).join(""));
const cases = [2, 3, 4, 5, 6, 7].flatMap((n) => Array.from({ length: n - 1 }, (_, at) => ({ t: at + 2, n })));

describe("a family of signing sets", () => {
  test.each(cases.filter(({ t, n }) => t < n))(
    "of $t of $n keeps one without any one signer, in as few sets as that takes",
    ({ t, n }) => {
      const all = members(n);
      const family = chooseFamily([...quorums(all, t, () => true)]);
      for (const lost of all) expect(family.some((set) => !set.includes(lost))).toBe(true);
      expect(family).toHaveLength(1 + Math.ceil(t / (n - t)));
      expect(family[0]).toEqual(all.slice(0, t));
    },
  );

  test.each(cases.filter(({ t, n }) => t === n))("of all $n is the one set there is", ({ t, n }) => {
    expect(chooseFamily([...quorums(members(n), t, () => true)])).toHaveLength(1);
  });

  test("of 3 of 5 is the best set, one that shares one signer with it, and one without that signer", () => {
    expect(shown(chooseFamily([...quorums(members(5), 3, () => true)]))).toEqual(["123", "145", "234"]);
  });

  test("makes do with the sets that there are", () => {
    const apart = (one: Member, other: Member) => one.identifier + other.identifier !== 9; // 4 and 5 do not work together
    const family = chooseFamily([...quorums(members(5), 3, apart)]);
    for (const lost of members(5)) {
      expect(family.some((set) => set.every((one) => one.identifier !== lost.identifier))).toBe(true);
    }
    expect(chooseFamily([members(3)])).toEqual([members(3)]);
    expect(chooseFamily([])).toEqual([]);
  });
});
