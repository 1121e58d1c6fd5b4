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
  function started(protocol: Protocol<string>): Session<string> {
    return new Session({ ...scope, participants, rounds: ROUNDS, self: 1, identity: identities.get(1)! }, protocol);
  }
  test.each([
    ["uses a round that was not declared in this place", () => broadcast({ ...FIRST, number: 2 }, 1)],
    ["forgets a peer", () => deliver({ ...SECOND, number: 1 }, new Map([[2, 1]]))],
  ])("ends with an error that is not an abort: %s", (_, step) => {
    const session = started(
      (function* (): Protocol<string> {
        yield* step();
        return "";
      })(),
    );
    expect(() => session.start()).toThrow(Error);
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
