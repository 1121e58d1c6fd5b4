import { describe, expect, test } from "vitest";
import { MAX_POOL, MAX_POOLED, NoncePool, type Unused } from "./nonce-pool.ts";
import { heldKey } from "./testing/held-key.ts";

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const usable = ({ nonces }: Unused) => {
  try {
    nonces.take(() => {});
    return true;
  } catch {
    return false;
  }
};

describe("a pool of nonces", () => {
  const [key, other] = [heldKey(1), heldKey(2)];

  test("gives each pair once, and only under its own key and epoch", () => {
    const pool = new NoncePool(random);
    const [one] = pool.make(key, 1);
    expect(pool.find(other, one!.commitmentId)).toBeUndefined();
    expect(pool.take(other, [one!])).toBe(false);
    expect(pool.take({ ...key, epoch: 1 }, [one!])).toBe(false);
    expect(pool.find(key, one!.commitmentId)).toBe(one);
    expect(pool.take(key, [one!])).toBe(true);
    expect(pool.take(key, [one!])).toBe(false);
    expect(pool.find(key, one!.commitmentId)).toBeUndefined();
  });

  test("gives all pairs of an order or none", () => {
    const pool = new NoncePool(random);
    const [one, two, three] = pool.make(key, 3);
    expect(pool.take(key, [two!])).toBe(true);
    expect(pool.take(key, [one!, two!, three!])).toBe(false);
    expect(pool.take(key, [one!, three!])).toBe(true);
  });

  test("never keeps a pair that was made for one use alone", () => {
    const pool = new NoncePool(random);
    const fresh = pool.fresh(key);
    expect(pool.find(key, fresh.commitmentId)).toBeUndefined();
  });

  test("is bounded for each key: the oldest are wiped", () => {
    const pool = new NoncePool(random);
    const made = pool.make(key, MAX_POOL + 2);
    expect(made.slice(0, 3).map((one) => pool.find(key, one.commitmentId) !== undefined)).toEqual([false, false, true]);
    expect(made.slice(0, 3).map(usable)).toEqual([false, false, true]);
  });

  test("is bounded for all keys together: the key longest out of use gives way, and recovers", () => {
    const pool = new NoncePool(random);
    const share = { ...key.share };
    const unused = pool.fresh(key);
    pool.fresh = () => ({ commitmentId: random(16), nonces: unused.nonces });
    const keys = Array.from({ length: MAX_POOLED / MAX_POOL + 1 }, (_, at) => ({ ...heldKey(at), share }));
    const made = keys.map((one) => pool.make(one, MAX_POOL));
    const left = made.map((all, at) => all.filter((one) => pool.find(keys[at]!, one.commitmentId)).length);
    expect(left).toEqual([0, ...Array(MAX_POOLED / MAX_POOL).fill(MAX_POOL)]);
    const [again] = pool.make(keys[0]!, 1);
    expect(pool.take(keys[0]!, [again!])).toBe(true);
  });
});
