import { alteredFor, drawn, isInRound, type LieMaker } from "./lie.ts";

/** Bodies lack a byte, or have one more. In the first round unless the fault says which. */
export const wrongLength: LieMaker = ({ fault, random, victims }) => ({
  edit: (run) => (step) => {
    if (!isInRound(step, fault, [1])) return step;
    const longer = drawn(random, 2) === 0;
    return alteredFor(step, run, victims(run), (body) =>
      longer || body.length === 0 ? Uint8Array.of(...body, 0) : body.slice(0, -1),
    );
  },
});
