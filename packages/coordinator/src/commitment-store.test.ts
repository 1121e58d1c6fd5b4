import { expect, test } from "vitest";
import { CommitmentStore, type ReadyCommitment } from "./commitment-store.ts";

let made = 0;
/** The store looks at nothing in them. */
const some = (count: number) => Array.from({ length: count }, () => ({ identifier: ++made }) as ReadyCommitment);

test("each commitment is handed out once, the oldest first, one list for each digest", () => {
  const store = new CommitmentStore();
  const [a, b] = [some(3), some(3)];
  store.add("ada", "key", a);
  store.add("bob", "key", b);
  expect(store.take(["ada", "bob"], "key", 2)).toEqual([
    [a[0], b[0]],
    [a[1], b[1]],
  ]);
  expect(store.take(["ada", "bob"], "key", 1)).toEqual([[a[2], b[2]]]);
  expect(store.level("ada", "key")).toBe(0);
});

test("a signer that publishes without end fills its own shelf and no more", () => {
  const store = new CommitmentStore();
  for (let at = 0; at < 10; at++) store.add("ada", "key", some(500));
  expect(store.level("ada", "key")).toBe(512);
  expect(store.level("bob", "key")).toBe(0);
});

test("more is asked for when a shelf is half empty, once, and again when the answer is lost", () => {
  const store = new CommitmentStore();
  store.add("ada", "key", some(9));
  expect(store.demand("ada", "key", 1, 0)).toBe(0);
  store.take(["ada"], "key", 1);
  expect(store.demand("ada", "key", 1, 0)).toBe(8);
  expect(store.demand("ada", "key", 1, 4999)).toBe(0);
  expect(store.demand("ada", "key", 1, 5000)).toBe(8);
  store.add("ada", "key", some(1));
  expect(store.demand("ada", "key", 1, 5000)).toBe(0);
  store.take(["ada"], "key", 2);
  expect(store.demand("ada", "key", 1, 5000)).toBe(9);
});

test("the target doubles each time that a shelf runs empty, up to a bound", () => {
  const store = new CommitmentStore();
  const asked = Array.from({ length: 7 }, (_, at) => store.demand("ada", "key", 1, at * 5000));
  expect(asked).toEqual([32, 64, 128, 256, 256, 256, 256]);
});

test("as much is asked for as a large request takes, though enough lies ready for small ones", () => {
  const store = new CommitmentStore();
  store.add("ada", "key", some(15));
  expect(store.demand("ada", "key", 1, 0)).toBe(0);
  expect(store.demand("ada", "key", 64, 0)).toBe(49);
});

test("what a signer forgot is forgotten: of one key, or all", () => {
  const store = new CommitmentStore();
  for (const key of ["one", "two"]) for (const node of ["ada", "ada-2"]) store.add(node, key, some(4));
  store.forget("ada", "one");
  expect([store.level("ada", "one"), store.level("ada", "two"), store.level("ada-2", "one")]).toEqual([0, 4, 4]);
  store.forget("ada");
  expect([store.level("ada", "two"), store.level("ada-2", "two")]).toEqual([0, 4]);
});
