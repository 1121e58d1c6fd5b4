import { describe, expect, test } from "vitest";
import { MAX_AGE_MS, MAX_POOL, type PoolPlace, PresignatureStore } from "./presignature-store.ts";
import { ecdsaRecord } from "./testing/stage.ts";

const key = ecdsaRecord();
const place: PoolPlace = { key, set: key.members.slice(0, 3) };
const elsewhere: PoolPlace = { key, set: key.members.slice(2) };
const one = (at: number, bornMs = 0) => ({ presignId: new Uint8Array(16).fill(at), bigR: undefined, bornMs });

function stocked(count: number): PresignatureStore {
  const store = new PresignatureStore();
  for (let at = 1; at <= count; at++) store.add(place, one(at, at));
  return store;
}

describe("a presignature", () => {
  test("is handed out once, the oldest first, to its own signing set only", () => {
    const store = stocked(3);
    expect(store.level(elsewhere)).toBe(0);
    expect(store.take(place, 2).map(({ presignId }) => presignId[0])).toEqual([1, 2]);
    expect(store.take(place, 1).map(({ presignId }) => presignId[0])).toEqual([3]);
    expect(() => store.take(place, 1)).toThrow("no 1 ready");
    expect(store.pools()).toEqual([]);
  });

  test("that was handed out never comes back, neither while its attempt runs nor after", () => {
    const store = stocked(1);
    const taken = store.take(place, 1);
    expect([store.add(place, one(1)), store.lent(one(1).presignId)]).toEqual([false, true]);
    store.settle(taken);
    expect([store.add(place, one(1)), store.gone(one(1).presignId)]).toEqual([false, true]);
  });

  test("that was removed does not come back either", () => {
    const store = stocked(2);
    expect(store.remove((pool) => pool.key.id === key.id).map(({ ready }) => ready.length)).toEqual([2]);
    expect(store.add(place, one(2))).toBe(false);
    expect(store.pools()).toEqual([]);
  });

  test("is known once", () => {
    const store = stocked(1);
    expect([store.add(place, one(1)), store.holds(place, one(1).presignId)]).toEqual([false, true]);
    expect(store.holds(elsewhere, one(1).presignId)).toBe(false);
  });
});

test("a pool takes a hundred", () => {
  const store = stocked(MAX_POOL);
  expect([store.add(place, one(0)), store.add(elsewhere, one(0))]).toEqual([false, true]);
});

test("a pool gives up those that are picked out, and knows when its oldest is too old", () => {
  const store = stocked(3);
  const removed = store.remove(
    () => true,
    ({ bornMs }) => bornMs < 2,
  );
  expect(removed).toMatchObject([{ set: place.set, ready: [one(1, 1)] }]);
  expect([store.level(place), store.nextExpiryMs()]).toEqual([2, 2 + MAX_AGE_MS]);
  expect(new PresignatureStore().nextExpiryMs()).toBeUndefined();
});
