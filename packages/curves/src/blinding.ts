import type { Group, Point } from "./group.ts";
import { randomScalar } from "./polynomial.ts";
import type { Random } from "./random.ts";

/**
 * `k * P` for a **secret** `k`. OpenSSL multiplies in constant time; the other backends do not, so there `k` goes in as the sum of two
 * scalars each of which is uniform by itself: what time tells about either says nothing about `k`.
 */
export function multiplySecret(group: Group, P: Point, k: bigint, random: Random): Point {
  if (group.name === "p256" && group.backend === "fast") return group.multiply(P, k);
  const part = randomScalar(group, random);
  return group.add(group.multiply(P, part), group.multiply(P, group.mod(k - part)));
}
