import type { NodeId } from "@quorate/orders";
import type { LieMaker } from "./lie.ts";

/** How many sessions are opened with each message. */
const SESSIONS = 16;
/** Where a message between signers has its execution id: after the kind, u8, and the length of the frame, u32. */
const EXECUTION_AT = 5;
const FRAME = 0;

/** With each frame of a session go as many of sessions that nobody ordered. */
export const storm: LieMaker = ({ random }) => {
  const signers = new Set<NodeId>();
  return {
    heard: (from) => void signers.add(from),
    sent(to, bytes) {
      if (!signers.has(to) || bytes[0] !== FRAME || bytes.length < EXECUTION_AT + 16) return [bytes];
      const opened = Array.from({ length: SESSIONS }, () => {
        const made = bytes.slice();
        made.set(random(16), EXECUTION_AT);
        return made;
      });
      return [...opened, bytes];
    },
  };
};
