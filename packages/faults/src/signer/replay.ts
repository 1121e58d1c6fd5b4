import type { NodeId } from "@quorate/orders";
import { drawn, type LieMaker } from "./lie.ts";

/** How many messages to each node are kept for a replay. */
const KEPT = 64;

/** With each message goes one that was sent before, as it was. */
export const replay: LieMaker = ({ random }) => {
  const before = new Map<NodeId, Uint8Array[]>();
  return {
    sent(to, bytes) {
      const kept = before.get(to) ?? [];
      before.set(to, kept);
      const again = kept[drawn(random, Math.max(1, kept.length))];
      kept.push(bytes.slice());
      if (kept.length > KEPT) kept.shift();
      return again === undefined ? [bytes] : [bytes, again];
    },
  };
};
