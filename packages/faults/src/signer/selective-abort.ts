import type { BroadcastStep, Step } from "@quorate/protocol";
import { alteredFor, type LieMaker } from "./lie.ts";

/** Looks at what the others send; once the sum of it is odd, nothing more leaves in that run. */
export const selectiveAbort: LieMaker = ({ victims }) => ({
  edit: (run) => {
    let odd = false;
    const look = (body: Uint8Array) => {
      odd = body.reduce((parity, byte) => parity !== ((byte & 1) === 1), odd);
    };
    return (step) => {
      const watched = watching(step, look);
      return odd ? alteredFor(watched, run, victims(run), () => null) : watched;
    };
  },
});

function watching(step: Step, look: (body: Uint8Array) => void): Step {
  if (step.kind === "checkpoint") return step;
  if (step.kind === "tampered") {
    const { honest } = step;
    return { ...step, honest: { ...honest, receive: looking(honest.receive, look) } };
  }
  return { ...step, receive: looking(step.receive, look) };
}

type Receive = BroadcastStep["receive"];

function looking(receive: Receive, look: (body: Uint8Array) => void): Receive {
  return (from, body) => {
    look(body);
    receive(from, body);
  };
}
