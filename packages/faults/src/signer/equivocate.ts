import { alteredFor, exchangeOf, flipped, isInRound, type LieMaker } from "./lie.ts";

/** One recipient gets another broadcast than the rest: the lowest, or whom the fault names. In the first round unless it says which. */
export const equivocate: LieMaker = ({ fault, victims }) => ({
  edit: (run) => (step) => {
    if (exchangeOf(step)?.round.kind !== "broadcast" || !isInRound(step, fault, [1])) return step;
    const chosen = fault.to === undefined ? victims(run).slice(0, 1) : victims(run);
    return alteredFor(step, run, chosen, (body) => flipped(body, 0));
  },
});
