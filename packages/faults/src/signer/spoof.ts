import type { NodeId } from "@quorate/orders";
import type { LieMaker } from "./lie.ts";

/** With each message to another signer goes the last one that a third sent: as it was, as if it came from here. */
export const spoof: LieMaker = () => {
  const heard = new Map<NodeId, Uint8Array>();
  return {
    heard: (from, bytes) => void heard.set(from, bytes.slice()),
    sent(to, bytes) {
      // Only signers are heard: what a coordinator gets stays honest.
      if (!heard.has(to)) return [bytes];
      const third = [...heard].find(([from]) => from !== to)?.[1];
      return third === undefined ? [bytes] : [third, bytes];
    },
  };
};
