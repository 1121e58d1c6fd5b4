import { alteredFor, flipped, isInRound, KEY_PROTOCOLS, type LieMaker } from "./lie.ts";

/** The share that is dealt to the first of the victims is not on the polynomial. */
export const badShare: LieMaker = ({ fault, victims }) => ({
  edit: (run) => (step) => {
    if (!KEY_PROTOCOLS.has(run.protocol) || !isInRound(step, fault, [3])) return step;
    return alteredFor(step, run, victims(run).slice(0, 1), (dealt) => flipped(dealt, 16));
  },
});
