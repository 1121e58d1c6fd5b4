import { bytes, fixed } from "@quorate/curves";
import { broadcast, deliver, type Protocol, type Round } from "@quorate/protocol";
import { Misbehaviour, type ProtocolName } from "../edits.ts";
import type { SignerFault } from "../index.ts";
import { NODES } from "./nodes.ts";

/** Bytes of a linear congruential generator: the same for each source. */
export function counting(): (length: number) => Uint8Array {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  };
  return (length) => Uint8Array.from({ length }, next);
}

export const BODY = Uint8Array.from({ length: 64 }, (_, at) => at + 1);
/** The node under test is participant 2, the others are these. */
export const PEERS = [
  { identifier: 1, node: "ohio" },
  { identifier: 3, node: "dublin" },
  { identifier: 4, node: "paris" },
];
const ROUNDS = 10;

/** Rounds of a protocol as deep as the deepest; those of `privately` are private. */
export function rounds(privately: readonly number[]): readonly Round<Uint8Array>[] {
  return Array.from({ length: ROUNDS }, (_, at) => ({
    ...{ number: at + 1, name: `round ${at + 1}`, codec: bytes(1 << 12), maxLength: 1 << 12 },
    kind: privately.includes(at + 1) ? "private" : "broadcast",
  }));
}

/** Sends the same in every round, whatever it hears. */
export function* talk(privately: readonly number[]): Protocol<"done"> {
  for (const round of rounds(privately)) {
    const exact = { ...round, codec: fixed(BODY.length) };
    if (round.kind === "broadcast") yield* broadcast(exact, BODY);
    else yield* deliver(exact, new Map(PEERS.map(({ identifier }) => [identifier, BODY])));
  }
  return "done";
}

/** What each peer gets in each round of a run: `undefined` where it gets what an honest node sends, `null` where nothing. */
export function heardBy(
  faults: readonly SignerFault[],
  protocol: ProtocolName,
  privately: readonly number[] = [],
  receive: Uint8Array = BODY,
): Readonly<Record<number, readonly (Uint8Array | null | undefined)[]>> {
  const misbehaviour = new Misbehaviour({ random: counting(), nodes: NODES });
  for (const [at, fault] of faults.entries()) misbehaviour.inject(`f${at}`, fault);
  const heard: Record<number, (Uint8Array | null | undefined)[]> = { 1: [], 3: [], 4: [] };
  for (const step of misbehaviour.protocol(protocol, talk(privately), PEERS)) {
    if (step.kind === "checkpoint") continue;
    for (const { identifier } of PEERS) {
      const sent = step.kind === "broadcast" ? step.body : step.bodies.get(identifier);
      heard[identifier]!.push(sent === undefined ? null : Buffer.compare(sent, BODY) === 0 ? undefined : sent);
      const honest = step.kind === "tampered" ? step.honest : step;
      honest.receive(identifier, receive);
    }
  }
  return heard;
}
