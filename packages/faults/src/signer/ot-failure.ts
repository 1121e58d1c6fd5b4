import { alteredFor, drawn, isInRound, type LieMaker, type ProtocolName } from "./lie.ts";

/** The round of each protocol that extends oblivious transfers, and how many bytes come before. */
const EXTENDS: Readonly<Partial<Record<ProtocolName, readonly [round: number, from: number]>>> = {
  pair: [8, 0],
  presign: [2, 32],
};

/**
 * One bit of an extension of oblivious transfers is flipped. Whether the receiver's check fails may hang on its secret choices:
 * the attack for which a failed check burns the pair.
 */
export const otFailure: LieMaker = ({ fault, random, victims }) => ({
  edit: (run) => (step) => {
    const [round, from] = EXTENDS[run.protocol] ?? [0, 0];
    if (round === 0 || !isInRound(step, fault, [round])) return step;
    return alteredFor(step, run, victims(run), (body) => {
      const made = body.slice();
      const bit = drawn(random, Math.max(1, (body.length - from) * 8));
      made[from + (bit >> 3)]! ^= 1 << (bit & 7);
      return made;
    });
  },
});
