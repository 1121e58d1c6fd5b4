import { alteredFor, isFromRound, type LieMaker } from "./lie.ts";

/** Orders get no answer. Given a round: in sessions nothing leaves from there on. */
export const silent: LieMaker = ({ fault, victims }) => {
  if (fault.round === undefined) return { silent: () => true };
  return {
    edit: (run) => (step) => (isFromRound(step, fault) ? alteredFor(step, run, victims(run), () => null) : step),
  };
};

/** The lowest of the others, or whom the fault names, hears nothing in sessions. */
export const selectiveSilence: LieMaker = ({ fault, victims }) => ({
  edit: (run) => (step) => {
    if (!isFromRound(step, fault)) return step;
    const deaf = fault.to === undefined ? victims(run).slice(0, 1) : victims(run);
    return alteredFor(step, run, deaf, () => null);
  },
});
