import { DecodeError } from "@quorate/curves";
import { describe, expect, test } from "vitest";
import { bound } from "./evidence.ts";
import {
  conflicts,
  decodeEvidence,
  type Evidence,
  encodeEvidence,
  MAX_EVIDENCE_BYTES,
  signFrame,
  verifyFrame,
} from "./index.ts";
import { testParticipants } from "./testing.ts";

const scope = { executionId: new Uint8Array(16).fill(1), context: new Uint8Array(32).fill(2) };
const { participants, identities } = testParticipants(3);
const said = (from: number, body: number, to = 0, by = from) =>
  signFrame(scope, identities.get(by)!, { round: 1, from, to, echo: null, body: Uint8Array.of(body) });
const evidence: Evidence = {
  ...scope,
  code: "equivocation",
  culprits: [2],
  frames: [said(2, 1), said(2, 2)],
  exhibit: Uint8Array.of(1, 2, 3),
};

describe("evidence", () => {
  test("survives its encoding", () => {
    expect(decodeEvidence(encodeEvidence(evidence))).toEqual(evidence);
  });

  test("is refused when cut, extended, too long to be read, or under an unknown code", () => {
    const encoded = encodeEvidence(evidence);
    const unknown = encoded.map((byte, at) => (at === 4 ? byte ^ 1 : byte));
    for (const wrong of [encoded.subarray(1), encoded.subarray(0, -1), new Uint8Array([...encoded, 0]), unknown]) {
      expect(() => decodeEvidence(wrong)).toThrow(DecodeError);
    }
    expect(() => decodeEvidence(new Uint8Array(MAX_EVIDENCE_BYTES + 1))).toThrow("evidence of 65537 bytes");
  });

  test("keeps the first frames when there are too many", () => {
    const { signature } = said(1, 1);
    const big = { round: 1, from: 1, to: 0, echo: null, body: new Uint8Array(20_000), signature };
    const kept = bound({ ...evidence, frames: [said(2, 1), big, big, big, big, said(2, 2)] });
    expect(kept.frames).toEqual([said(2, 1), big, big, big]);
    expect(encodeEvidence(kept).length).toBeLessThanOrEqual(MAX_EVIDENCE_BYTES);
  });
});

describe("a conflict", () => {
  test("needs two authentic frames with different content in one place", () => {
    expect(conflicts(scope, participants, [said(2, 1), said(2, 2)]).map((one) => one.culprit)).toEqual([2]);
    expect(conflicts(scope, participants, [said(2, 1), said(2, 1)])).toEqual([]);
    expect(conflicts(scope, participants, [said(2, 1), said(3, 2)])).toEqual([]);
    expect(conflicts(scope, participants, [said(2, 1, 1), said(2, 2, 3)])).toEqual([]);
    expect(conflicts(scope, participants, [said(2, 1), said(2, 2, 0, 3)])).toEqual([]);
    expect(conflicts({ ...scope, context: new Uint8Array(32) }, participants, evidence.frames)).toEqual([]);
  });
});

test("a frame is authentic only as its sender signed it, in this run, from a participant", () => {
  const frame = said(2, 1);
  expect(verifyFrame(scope, participants, frame)).toBe(true);
  const changes = [
    { round: 2 },
    { from: 3 },
    { from: 9 },
    { to: 1 },
    { echo: new Uint8Array(32) },
    { body: Uint8Array.of(9) },
  ];
  for (const change of changes) expect(verifyFrame(scope, participants, { ...frame, ...change })).toBe(false);
});
