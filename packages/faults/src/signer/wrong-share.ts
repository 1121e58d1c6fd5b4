import { flipped, type LieMaker } from "./lie.ts";

/** Every signature share is wrong by one bit. */
export const wrongShare: LieMaker = () => ({ share: (share) => flipped(share, 16) });
