import type { AdmittedRequest } from "@quorate/authority";
import { TestUser } from "@quorate/authority/testing";
import type { NodeId, Refusal } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import type { RequestRecord } from "../records.ts";
import type { Result } from "../reply.ts";
import { type LogStage, loggedKey, newKey } from "../testing/countersigners.ts";
import type { RequestAuthority } from "./request-authority.ts";

const body = { kind: "Message", message: "0xdeadbeef", blockchainKind: "Evm" };

const inline = (stage: LogStage, key: string, by?: Pick<TestUser, "assert">) => stage.inline(key, body, by);

/** Asks for a signature, and lets a moment pass. @returns what came of it so far */
function sign(stage: LogStage, keyId: string, authority: RequestAuthority) {
  let result: Result<RequestRecord> | undefined;
  stage.coordinator.sign({ keyId, body, authority }, (end) => {
    result = end;
  });
  stage.pass(10);
  return () => result;
}

/** Signers that refuse every order to sign. @returns whom was asked */
function refusing(stage: LogStage, codes: Readonly<Record<NodeId, Refusal>>): NodeId[] {
  const asked: NodeId[] = [];
  const play = stage.play;
  stage.play = (given) => {
    const { to, order } = given;
    if (order.kind !== "signInteractive") return play(given);
    asked.push(to);
    const code = codes[to];
    if (code !== undefined)
      stage.say(to, { kind: "refused", executionId: order.executionId, code, detail: "so be it" });
  };
  return asked;
}

describe("an order to sign", () => {
  it("carries what the user signed, and where the log ends at each attempt", () => {
    const { stage, key } = loggedKey();
    const authority = inline(stage, key);
    stage.take("signInteractive");
    sign(stage, key, authority);
    const before = stage.given.length;
    stage.act(newKey("meanwhile"));
    stage.disconnect(stage.given.slice(0, before).findLast(({ order }) => order.kind === "signInteractive")!.to);
    const orders = stage.take("signInteractive").map(({ order }) => order.authority);
    expect(orders[0]).toMatchObject({ kind: "inline", organisation: stage.id, head: { height: 1 }, method: "POST" });
    expect(orders.at(-1)).toMatchObject({ head: { height: 2 } });
    const { assertion } = orders[0] as { assertion: Uint8Array };
    expect(JSON.parse(new TextDecoder().decode(assertion))).toEqual(authority.kind === "inline" && authority.assertion);
  });

  it("goes to others when a signer objects, and brings records to one that lacks them", () => {
    const { stage, key } = loggedKey();
    const asked = refusing(stage, { "signer-1": "not_permitted", "signer-2": "behind" });
    stage.signers.get("signer-2")!.silent = true;
    stage.say("signer-2", { kind: "heads", heads: [] });
    stage.pass(1500);
    stage.take("commit");
    sign(stage, key, inline(stage, key));
    expect(asked.filter((one) => one === "signer-1")).toHaveLength(1);
    expect(new Set(asked)).toEqual(new Set(stage.names));
    expect(stage.take("commit").map(({ to }) => to)).toEqual(["signer-2"]);
  });

  it("that most refuse ends with what they say against the user's authority", () => {
    const { stage, key } = loggedKey();
    refusing(stage, Object.fromEntries(stage.names.map((name) => [name, "not_permitted"] as const)));
    const answer = sign(stage, key, inline(stage, key));
    stage.pass(100);
    expect(answer()).toMatchObject({
      error: { code: "forbidden", message: "3 of 5 signers refuse: so be it", details: { authority: "not_permitted" } },
    });
  });

  it("is not given at all where the log gives no right to it", () => {
    const { stage, key } = loggedKey();
    expect(() => sign(stage, key, inline(stage, key, new TestUser()))).toThrow("no credential");
    expect(() => sign(stage, "key-other", inline(stage, key))).toThrow("no key key-other");
    expect(stage.take("signInteractive")).toEqual([]);
  });
});

describe("a request that the log holds", () => {
  const DEADLINE_MS = 3600_000;
  function held(status: AdmittedRequest["status"] = "Pending") {
    const { stage, key } = loggedKey();
    const request = {
      ...{ id: "sig-held", record: "00".repeat(32), authorisation: "11".repeat(32), form: "signature" as const },
      ...{ initiator: [...stage.state.users.keys()][0]!, token: null, key, wallet: null, approval: null },
      ...{ path: `/keys/${key}/signatures`, body, filled: null, status, created: stage.wallNow },
      deadline: stage.wallNow + DEADLINE_MS,
    };
    stage.state.requests.set(request.id, request);
    const authority = { kind: "admitted", organisation: stage.id, requestId: request.id } as const;
    return { stage, key, request, answer: sign(stage, key, authority), authority };
  }
  const stored = (stage: LogStage) => {
    let result: Result<RequestRecord> | undefined;
    stage.coordinator.signature("sig-held", (end) => {
      result = end;
    });
    stage.pass(1);
    return result;
  };

  it("is pending, is asked of the signers once the log admits it, and then names the log's request", () => {
    const { stage, request, answer } = held();
    expect(answer()).toMatchObject({ ok: { id: "sig-held", status: "Pending", deadline: request.deadline } });
    expect(stage.take("signInteractive")).toEqual([]);
    request.status = "Admitted";
    stage.act(newKey("another record"));
    expect(stage.take("signInteractive")[0]?.order.authority).toMatchObject({
      kind: "admitted",
      requestId: "sig-held",
    });
    expect(stored(stage)).toMatchObject({ ok: { status: "Executing" } });
  });

  it("is asked of the signers at once when the log admitted it already", () => {
    const { stage } = held("Admitted");
    expect(stage.take("signInteractive")).not.toEqual([]);
  });

  it("is the same request, however often it is asked for", () => {
    const { stage, key, authority } = held();
    expect(sign(stage, key, authority)()).toMatchObject({ ok: { id: "sig-held", status: "Pending" } });
  });

  it("is rejected when it is denied", () => {
    const { stage, request } = held();
    request.status = "Denied";
    stage.act(newKey("another record"));
    expect(stored(stage)).toMatchObject({ ok: { status: "Rejected", reason: "an approver denied it" } });
  });

  it("is rejected when nobody approved it in time", () => {
    const { stage } = held();
    stage.pass(DEADLINE_MS);
    expect(stored(stage)).toMatchObject({ ok: { status: "Rejected", reason: "it was not approved in time" } });
  });

  it("is looked at again by a coordinator that starts anew", () => {
    const { stage } = held();
    stage.restart(); // whose log knows nothing of it: the test had put it there by hand
    expect(stored(stage)).toMatchObject({ ok: { status: "Rejected", reason: "the log has no such request" } });
  });
});
