import { altered, isInRound, type LieMaker } from "./lie.ts";

/** In every round, or in one, the others' messages are in before anything leaves. */
export const rush: LieMaker = ({ fault }) => ({
  edit: (run) => (step) => {
    if (!isInRound(step, fault, EVERY)) return step;
    const peers = run.peers.map((one) => one.identifier);
    const late = altered(step, peers, (_, sent) => sent);
    return late.kind === "tampered" ? { ...late, late: true } : late;
  },
});

const EVERY = Array.from({ length: 16 }, (_, at) => at + 1);
