import { expect, test } from "vitest";
import { RecentUse } from "./recent-use.ts";

const MINUTE = 60_000;

test("use adds up, and halves every ten minutes", () => {
  const use = new RecentUse();
  expect(use.amount(5 * MINUTE)).toBe(0);
  use.note(3, 5 * MINUTE);
  use.note(5, 5 * MINUTE);
  expect(use.amount(5 * MINUTE)).toBe(8);
  expect(use.amount(15 * MINUTE)).toBe(4);
  use.note(4, 15 * MINUTE);
  expect(use.amount(25 * MINUTE)).toBe(4);
});
