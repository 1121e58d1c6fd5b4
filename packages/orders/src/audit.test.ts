import { encode } from "@quorate/curves";
import { describe, expect, it } from "vitest";
import { AUDIT_START, type AuditLink, auditEntry, auditHash, verifyAuditChain } from "./audit.ts";

function chain(length: number): readonly Uint8Array[] {
  let { previous } = AUDIT_START;
  return Array.from({ length }, (_, sequence) => {
    const action = { kind: "suppressed", count: sequence } as const;
    const encoded = encode(auditEntry, { sequence, previous, time: 1_790_000_000_000 + sequence, action });
    previous = auditHash(encoded);
    return encoded;
  });
}

describe("a chain of audit entries", () => {
  it("verifies as it was written, whole and in pieces", () => {
    const entries = chain(5);
    expect(verifyAuditChain(entries).entries.map((one) => one.sequence)).toEqual([0, 1, 2, 3, 4]);
    let end: AuditLink = AUDIT_START;
    for (const one of entries) end = verifyAuditChain([one], end).end;
    expect(end).toEqual(verifyAuditChain(entries).end);
  });

  it.each<[string, (entries: readonly Uint8Array[]) => readonly Uint8Array[]]>([
    ["an entry is left out", (entries) => entries.toSpliced(2, 1)],
    ["two change places", ([a, b, c]) => [a!, c!, b!]],
    ["the first is missing", (entries) => entries.slice(1)],
    ["one is changed", (entries) => entries.with(1, entries[1]!.with(entries[1]!.length - 1, 9))],
  ])("does not verify when %s", (_, edit) => {
    expect(() => verifyAuditChain(edit(chain(5)))).toThrow(/^entry \d/);
  });
});
