import { alteredFor, drawn, isInRound, type LieMaker, type ProtocolName } from "./lie.ts";

/** The first round of each protocol that carries points or scalars. */
const CARRIES: Readonly<Record<ProtocolName, number>> = {
  ...{ keygen: 2, refresh: 2, import: 2 },
  ...{ commitments: 1, pair: 2, presign: 3 },
};

/** Bodies are all zeros or all ones: no point has that encoding, and no scalar that is allowed. */
export const invalidPoints: LieMaker = ({ fault, random, victims }) => ({
  edit: (run) => (step) => {
    if (!isInRound(step, fault, [CARRIES[run.protocol]])) return step;
    const byte = drawn(random, 2) === 0 ? 0x00 : 0xff;
    return alteredFor(step, run, victims(run), (body) => new Uint8Array(body.length).fill(byte));
  },
});
