import { expect, test } from "vitest";
import { Ahead } from "./ahead.ts";

test("what is worked out ahead is worked out once, or when it is asked for; an error of it is thrown only there, each time", () => {
  let made = 0;
  const begun = new Ahead(() => ++made);
  begun.begin();
  begun.begin();
  expect([made, begun.result, begun.result, made]).toEqual([1, 1, 1, 1]);
  expect(new Ahead(() => ++made).result).toBe(2);
  const failing = new Ahead(() => {
    made += 1;
    throw new Error("refused");
  });
  failing.begin();
  for (const _ of [1, 2]) expect(() => failing.result).toThrow("refused");
  expect(made).toBe(3);
});
