import { u32 } from "@quorate/curves";
import { describe, expect, test } from "vitest";
import { broadcast, deliver, type Protocol, type Round, Session } from "./index.ts";
import { testParticipants } from "./testing.ts";

const FIRST: Round<number> = { number: 1, name: "first", kind: "broadcast", codec: u32, maxLength: 16 };
const SECOND: Round<number> = { number: 2, name: "second", kind: "private", codec: u32, maxLength: 16 };
const ROUNDS = [FIRST, SECOND];

const scope = { executionId: new Uint8Array(16).fill(7), context: new Uint8Array(32).fill(9) };
const { participants, identities } = testParticipants(4);

describe("a protocol with a defect", () => {
  const WHISPER = { ...SECOND, number: 1 };

  test.each([
    ["uses a round that was not declared in this place", ROUNDS, () => broadcast({ ...FIRST, number: 2 }, 1)],
    ["uses another kind of round than was declared", ROUNDS, () => deliver(WHISPER, new Map([[2, 1]]))],
    ["has nothing for participant 3", [WHISPER], () => deliver(WHISPER, new Map([[2, 1]]))],
  ])("ends with an error that is not an abort: it %s", (defect, rounds, step) => {
    const protocol = (function* (): Protocol<string> {
      yield* step();
      return "";
    })();
    const session = new Session({ ...scope, participants, rounds, self: 1, identity: identities.get(1)! }, protocol);
    expect(() => session.start()).toThrow(rounds === ROUNDS ? "was not declared in this place" : defect);
    expect(session.state).toMatchObject({ kind: "aborted", abort: { code: "defect" } });
  });
});

test.each([
  ["a stranger as self", { self: 9 }],
  ["another's identity", { self: 2 }],
  ["a short execution id", { executionId: new Uint8Array(15) }],
  ["a long context", { context: new Uint8Array(33) }],
  ["rounds out of order", { rounds: [SECOND, FIRST] }],
  ["one participant", { participants: participants.slice(0, 1) }],
  ["an identifier twice", { participants: [...participants, { ...participants[0]!, publicKey: new Uint8Array(32) }] }],
  ["an identity twice", { participants: [...participants, { ...participants[0]!, identifier: 5 }] }],
  ["identifier 0", { participants: [...participants, { identifier: 0, publicKey: new Uint8Array(32) }] }],
  ["identifier 16", { participants: [...participants, { identifier: 16, publicKey: new Uint8Array(32) }] }],
  ["a short identity", { participants: [...participants, { identifier: 5, publicKey: new Uint8Array(31) }] }],
])("a setup that contradicts itself is refused: %s", (_, wrong) => {
  const setup = { ...scope, participants, rounds: ROUNDS, self: 1, identity: identities.get(1)!, ...wrong };
  expect(() => new Session(setup, broadcast(FIRST, 1))).toThrow(RangeError);
});
