import { encodeLogRecord, type LogRecord } from "@quorate/authority";
import { encode } from "@quorate/curves";
import { committedRecord } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import { decodeRecord, encodeRecord, type RequestRecord } from "../records.ts";
import type { Result } from "../reply.ts";
import { type LogStage, loggedKey, newKey } from "../testing/countersigners.ts";
import { ecdsaRecord } from "../testing/stage.ts";

const OTHER = "coordinator-2";

/** The other coordinator says `beats` times that it lives. */
function live(stage: LogStage, beats: number): void {
  for (let at = 0; at < beats; at++) {
    stage.elsewhere({ kind: "lease", id: OTHER, epoch: 0, value: Uint8Array.of(at, beats) });
    stage.pass(2000);
  }
}

/** A request that the other coordinator accepted. */
function accepted(stage: LogStage, key: string, status: RequestRecord["status"] = "Executing"): string {
  const id = "sig-other";
  const record: RequestRecord = {
    ...{ id, keyId: key, body: { kind: "Message", message: "0x00", blockchainKind: "Evm" }, bodyDigest: "00" },
    ...{ transaction: null, externalId: null, dateRequested: stage.wallNow, deadline: stage.wallNow + 600_000 },
    ...{ status, reason: null, dateSigned: null, result: null, attempts: [], timing: null },
    ...{ organisation: stage.id, requester: { userId: "us-1" }, authority: stage.inline(key, {}) },
    ...{ path: `/keys/${key}/signatures`, walletId: null },
  };
  stage.elsewhere({ kind: "request", id, epoch: 0, scope: key, value: encodeRecord(record) });
  stage.elsewhere({ kind: "open-request", id, epoch: 0, value: encodeRecord({ owner: OTHER, claims: 0 }) });
  return id;
}

/** What the next record of the log would be, had another coordinator the admin's word. */
function nextRecord(stage: LogStage, name: string): LogRecord {
  const { id, head } = stage.state;
  const place = { format: 1, organisation: id, height: head.height + 1, previous: head.hash } as const;
  return { ...place, time: stage.wallNow, action: stage.action(newKey(name)) };
}

describe("the request of another coordinator", () => {
  it("is left alone while that one lives", () => {
    const { stage, key } = loggedKey([OTHER]);
    accepted(stage, key);
    live(stage, 20);
    expect(stage.take("signInteractive")).toEqual([]);
  });

  it("is taken up once that one has said nothing for long, and is this one's from then on", () => {
    const { stage, key } = loggedKey([OTHER]);
    const id = accepted(stage, key);
    live(stage, 2);
    stage.pass(12_000);
    expect(new Set(stage.take("signInteractive").map(({ order }) => order.requestId))).toEqual(new Set([id]));
    expect(decodeRecord(stage.stored("open-request", id)!)).toEqual({ owner: "coordinator", claims: 1 });
    stage.restart();
    stage.connectAll();
    stage.pass(100);
    expect(stage.take("signInteractive")[0]?.order.requestId).toBe(id);
  });

  it("is taken up by one of those who would", () => {
    const { stage, key } = loggedKey([OTHER]);
    const id = accepted(stage, key);
    stage.elsewhere({ kind: "request-claim", id, epoch: 0, value: encodeRecord({ by: "coordinator-3" }) });
    stage.pass(20_000);
    expect(stage.take("signInteractive")).toEqual([]);
  });

  it("that has ended meanwhile is not begun again", () => {
    const { stage, key } = loggedKey([OTHER]);
    const id = accepted(stage, key, "Signed");
    stage.pass(20_000);
    expect(stage.take("signInteractive")).toEqual([]);
    expect(stage.stored("open-request", id)).toBeUndefined();
  });
});

describe("what another coordinator wrote", () => {
  it("is known here after a while: keys and records", () => {
    const { stage } = loggedKey([OTHER]);
    const record = nextRecord(stage, "theirs");
    const value = encode(committedRecord, { record: encodeLogRecord(record), signatures: [] });
    stage.elsewhere({ kind: "log-record", id: stage.id, epoch: 2, scope: stage.id, value });
    stage.put(ecdsaRecord({ id: "key-theirs", keyId: "bb".repeat(32) }));
    live(stage, 2);
    expect(stage.state.head.height).toBe(2);
    expect(stage.coordinator.key("key-theirs").keyId).toBe("bb".repeat(32));
  });

  it("at the height that an action is meant for comes first, and the action takes the next", () => {
    const { stage } = loggedKey([OTHER]);
    const record = encodeLogRecord(nextRecord(stage, "theirs"));
    stage.elsewhere({ kind: "log-proposal", id: `${stage.id}/2`, epoch: 0, value: record });
    expect(stage.act(newKey("ours"))()).toMatchObject({ ok: { height: 3 } });
    expect([...stage.state.keys.values()].slice(1).map((one) => one.name)).toEqual(["theirs", "ours"]);
    expect(stage.hashesAt(2).size).toBe(1);
  });

  it("and nobody brings to the signers is proposed here once that one is gone", () => {
    const { stage } = loggedKey([OTHER]);
    const record = encodeLogRecord(nextRecord(stage, "theirs"));
    stage.elsewhere({ kind: "log-proposal", id: `${stage.id}/2`, epoch: 0, value: record });
    live(stage, 3);
    expect(stage.state.head.height).toBe(1);
    stage.pass(12_000);
    expect(stage.state.head.height).toBe(2);
  });
});

describe("an external id", () => {
  it("that another coordinator gave to a request meanwhile gives that request", () => {
    const { stage, key } = loggedKey([OTHER]);
    const body = { kind: "Message", message: "0x00", blockchainKind: "Evm", externalId: "once" };
    const authority = stage.inline(key, body);
    stage.onWrite = (batch) => {
      const request = batch.find((one) => one.kind === "request");
      const name = batch.find((one) => one.kind === "external-id");
      if (request === undefined || name === undefined) return undefined;
      stage.onWrite = () => undefined;
      const { digest } = decodeRecord<{ digest: string }>(name.value!);
      const id = accepted(stage, key);
      stage.elsewhere({ ...name, value: encodeRecord({ id, digest }) });
      return undefined;
    };
    let result: Result<RequestRecord> | undefined;
    stage.coordinator.sign({ keyId: key, body, authority }, (end) => {
      result = end;
    });
    stage.pass(100);
    expect(result).toMatchObject({ ok: { id: "sig-other", status: "Executing" } });
    expect(stage.take("signInteractive")).toEqual([]);
  });
});
