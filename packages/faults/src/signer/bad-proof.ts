import { alteredFor, flipped, isInRound, type LieMaker, type ProtocolName } from "./lie.ts";

/** The round of each protocol that opens or proves what was committed to, and where in its body, from the end, bytes. */
const PROVES: Readonly<Partial<Record<ProtocolName, readonly [round: number, fromEnd: number]>>> = {
  keygen: [2, 16],
  refresh: [2, 16],
  import: [2, 16],
  pair: [6, 16],
  // Before the last point, of 33 bytes, lies what opens the commitment to R.
  presign: [3, 33 + 16],
};

/** Proofs do not verify, and commitments do not open. */
export const badProof: LieMaker = ({ fault, victims }) => ({
  edit: (run) => (step) => {
    const [round, fromEnd] = PROVES[run.protocol] ?? [0, 0];
    if (round === 0 || !isInRound(step, fault, [round])) return step;
    return alteredFor(step, run, victims(run), (body) => flipped(body, body.length - fromEnd));
  },
});
