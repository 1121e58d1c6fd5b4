import type { RoundFault } from "@quorate/faults/edits";

/** A session reached the round for which a fault waited: this process ends, or stands still, at once. Works from its threads too. */
export function endAtRound(fault: RoundFault): void {
  process.kill(process.pid, fault.kind === "crash" ? "SIGKILL" : "SIGSTOP");
}
