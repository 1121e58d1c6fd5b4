import type { Member } from "@quorate/orders";
import { describe, expect, test } from "vitest";
import { MAX_POOL, PresignatureStore } from "./presignature-store.ts";
import { ecdsaRecord } from "./testing/stage.ts";
import { type AbleSet, Want } from "./want.ts";

const key = ecdsaRecord();
const MINUTE = 60_000;

/** Sets such as `123`, best first, with the time of their slowest. */
const able = (...sets: (string | [string, number] | [string, number, number])[]): AbleSet[] =>
  sets.map((one) => {
    const [names, roundTripMs = 100, failures = 0] = typeof one === "string" ? [one] : one;
    return { set: members(names), roundTripMs, failures };
  });
const members = (names: string): Member[] => [...names].map((name) => key.members[Number(name) - 1]!);
const shown = (want: Want) => want.family.map((set) => set.map((one) => one.identifier).join("")).join(" ");

describe("a family of sets", () => {
  test("stays as long as it works: pools are worth nothing to other sets", () => {
    const want = new Want(key);
    expect(want.revise(able("123", "145", "234"), 0)).toBe(true);
    expect(shown(want)).toBe("123 145 234");
    for (const other of [
      ["124", 95],
      ["124", 85],
      ["124", 81],
    ] as [string, number][])
      expect(want.revise(able(other, "123", "145", "234", "135"), 0)).toBe(false);
    expect(shown(want)).toBe("123 145 234");
  });

  test("gives way to a much faster set, or to one without a part in failures", () => {
    const faster = new Want(key);
    faster.revise(able("123", "145", "234"), 0);
    expect(faster.revise(able(["124", 79], "123", "145", "234", "135"), 0)).toBe(true);
    expect(shown(faster)).toBe("124 135 234");
    const cleaner = new Want(key);
    cleaner.revise(able("123", "145", "234"), 0);
    expect(cleaner.revise(able("145", ["123", 10, 1], "234"), 0)).toBe(true);
    expect(shown(cleaner)).toBe("145 123 234");
  });

  test("does not give way to one that is faster by little, however near all are", () => {
    const want = new Want(key);
    want.revise(able(["123", 3], ["145", 3], ["234", 3]), 0);
    expect(want.revise(able(["145", 1], ["123", 9], ["234", 9]), 0)).toBe(false);
  });

  test("is kept ten seconds when a set of it does not work, and then is made of those that do", () => {
    const want = new Want(key);
    want.revise(able("123", "145", "234"), 0);
    const left = able("145", "245", "345");
    expect([want.revise(left, 1000), want.revise(left, 10_900), want.blocked]).toEqual([false, false, true]);
    expect(want.revise(able("123", "145", "234"), 10_950)).toBe(false);
    expect([want.blocked, want.revise(left, 11_000), want.revise(left, 21_100)]).toEqual([false, false, true]);
    expect([shown(want), want.blocked]).toEqual(["145 245", false]);
    expect([want.revise([], 22_000), want.revise([], 60_000), shown(want)]).toEqual([false, false, "145 245"]);
  });

  test("grows as soon as there are sets for the loss of any one signer", () => {
    const want = new Want(key);
    want.revise(able("123"), 0);
    expect(want.revise(able("123", "124"), 0)).toBe(false);
    expect(want.revise(able("123", "124", "145", "234"), 0)).toBe(true);
    expect(shown(want)).toBe("123 145 234");
  });
});

describe("how many are wanted", () => {
  test("follows recent use, between four and a hundred; none without; never less than was asked for", () => {
    const want = new Want(key);
    expect(want.target(0)).toBe(0);
    want.use.note(1, 0);
    expect([want.target(0), want.target(9 * MINUTE), want.target(11 * MINUTE)]).toEqual([4, 4, 0]);
    want.use.note(50, 11 * MINUTE);
    expect(want.target(11 * MINUTE)).toBe(51);
    want.use.note(500, 11 * MINUTE);
    expect(want.target(11 * MINUTE)).toBe(MAX_POOL);
    want.floor = 20;
    expect(want.target(1000 * MINUTE)).toBe(20);
  });

  test("is that many in the first pool, and as many in the spare ones together", () => {
    const want = new Want(key);
    want.floor = 5;
    want.revise(able("123", "145", "234"), 0);
    expect(want.plans(new PresignatureStore(), 0).map(({ target, leading }) => [target, leading])).toEqual([
      [5, true],
      [3, false],
      [3, false],
    ]);
    const alone = new Want(key);
    alone.floor = 5;
    alone.revise(able("123"), 0);
    expect(alone.plans(new PresignatureStore(), 0).map(({ target }) => target)).toEqual([5]);
  });
});
