import type { Member } from "@quorate/orders";

type SigningSet = readonly Member[];

/**
 * Signing sets such that whichever one signer is lost, one of them does without it: no signer is in all. The first is the best;
 * each further one has as few as possible of those that all before it share, the better of equals. With `t` of `n` that takes
 * `1 + ceil(t / (n - t))` sets where everybody works with everybody, and no fewer are enough; with all of `n` needed, the first
 * is the only one.
 *
 * @param sets best first
 */
export function chooseFamily(sets: readonly SigningSet[]): readonly SigningSet[] {
  const [best] = sets;
  if (best === undefined) return [];
  const family = [best];
  let shared = best;
  while (shared.length > 0) {
    const next: SigningSet = sets.reduce(
      (least, set) => (common(set, shared) < common(least, shared) ? set : least),
      best,
    );
    if (next === best) break;
    family.push(next);
    shared = shared.filter((member) => next.includes(member));
  }
  return family;
}

function common(set: SigningSet, members: SigningSet): number {
  return members.filter((member) => set.includes(member)).length;
}
