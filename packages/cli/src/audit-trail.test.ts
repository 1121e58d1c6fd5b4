import { encode } from "@quorate/curves";
import { AUDIT_START, type AuditAction, auditEntry, auditHash } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import { answered, contradictions, readAudit, type SignerAudit } from "./audit-trail.ts";

const bytes = (byte: number, length = 32) => new Uint8Array(length).fill(byte);

function trail(node: string, actions: readonly AuditAction[]): SignerAudit {
  let { sequence, previous } = AUDIT_START;
  const entries = actions.map((action) => {
    const encoded = encode(auditEntry, { sequence, previous, time: 1000 + sequence, action });
    sequence += 1;
    previous = auditHash(encoded);
    return Buffer.from(encoded).toString("hex");
  });
  return { node, entries };
}

const committed = (hash: number): AuditAction => ({
  kind: "committed",
  organisation: "or-1",
  height: 1,
  hash: bytes(hash),
});
const signed = (digest: number): AuditAction => ({
  ...{ kind: "answered", authorisation: bytes(7), organisation: "or-1", key: "key-1", user: "us-1", token: null },
  ...{ digest: bytes(digest), request: bytes(9) },
});

describe("the signers' logs", () => {
  it("explain a signature from those of its signers alone", () => {
    const audits = ["ohio", "montreal"].map((node) => readAudit(trail(node, [committed(1), signed(2)])));
    expect(answered(audits)).toEqual([
      {
        ...{ authorisation: "07".repeat(32), organisation: "or-1", key: "key-1", user: "us-1", token: null },
        ...{ digest: "02".repeat(32), request: "09".repeat(32), by: { ohio: 1001, montreal: 1001 } },
      },
    ]);
    expect(contradictions(audits)).toEqual([]);
  });

  it.each([
    ["one record at a height", [committed(1)], [committed(2)], "record 1 of or-1"],
    ["one request under an authorisation", [signed(1)], [signed(2)], `authorisation ${"07".repeat(32)}`],
  ])("contradict each other when there is more than %s", (_, one, other, about) => {
    const audits = [readAudit(trail("ohio", one)), readAudit(trail("montreal", other))];
    expect(contradictions(audits)).toMatchObject([
      { about, said: { ohio: expect.any(String), montreal: expect.any(String) } },
    ]);
  });

  it("show when an entry was changed, left out or put elsewhere", () => {
    const whole = trail("ohio", [committed(1), signed(2), committed(3)]).entries;
    expect(readAudit({ node: "ohio", entries: whole }).fault).toBeNull();
    const [first = "", second = "", third = ""] = whole;
    const other = trail("ohio", [committed(4), signed(2)]).entries[0]!;
    for (const entries of [[other, second, third], [first, third], [second, first, third], [`${first}00`]]) {
      expect(readAudit({ node: "ohio", entries }).fault).not.toBeNull();
    }
  });
});
