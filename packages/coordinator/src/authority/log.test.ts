import { genesisRecord, TestUser } from "@quorate/authority/testing";
import { describe, expect, it } from "vitest";
import { followed, newKey } from "../testing/countersigners.ts";
import { Stage } from "../testing/stage.ts";

describe("an action", () => {
  it("is committed with as many countersignatures as it takes, applied, answered, and told to every signer", () => {
    const stage = followed();
    const result = stage.act(newKey("one"))();
    expect(result).toMatchObject({ ok: { height: 1, time: expect.any(Number) } });
    expect([...stage.state.keys.values()]).toMatchObject([{ name: "one" }]);
    expect([...stage.signers.values()].map((one) => one.height)).toEqual([1, 1, 1, 1, 1]);
  });

  it("waits while fewer signers are there, says who is missing, and is committed when they are back", () => {
    const stage = followed(3);
    const answer = stage.act(newKey("one"), 10_001);
    expect(answer()).toMatchObject({ error: { code: "quorum_unavailable", details: { proposed: true } } });
    const result = answer();
    expect(result !== undefined && "error" in result && result.error.message).toContain(
      "missing: signer-4 (unreachable), signer-5 (unreachable); it stays proposed, cannot be withdrawn",
    );
    stage.connect("signer-4");
    stage.pass(100);
    expect(stage.state.head.height).toBe(1);
  });

  it("that the authority refuses is answered with its code, and nobody hears of it", () => {
    const stage = followed();
    const action = { ...stage.action(newKey("one")), body: { scheme: "EdDSA", curve: "ed25519", name: "two" } };
    let result: unknown;
    stage.take("propose");
    stage.coordinator.act(stage.id, action, (end) => {
      result = end;
    });
    stage.pass(100);
    expect(result).toMatchObject({ error: { code: "forbidden", details: { authority: "no_authorisation" } } });
    expect(stage.take("propose")).toEqual([]);
  });

  it("that no signer could read again is refused at once, and does not stand in the way of the next", () => {
    const stage = followed();
    const code = "/auth/credentials/code/verify";
    const body = JSON.parse('{"__proto__":{"a":1},"name":"one","operations":["Keys:Read"],"x":"\\ud800"}');
    let result: unknown;
    const bare = { method: "POST", path: code, body, proof: null, endorsement: null } as const;
    stage.coordinator.act(stage.id, bare, (end) => {
      result = end;
    });
    stage.pass(100);
    expect(result).toMatchObject({ error: { code: "invalid_input", details: { authority: "bad_record" } } });
    expect(stage.act(newKey("two"))()).toMatchObject({ ok: { height: 1 } });
  });

  it("with a member that JSON readers drop is not proposed: whoever read it would have another record", () => {
    const stage = followed();
    const wallet = stage.act({ method: "POST", path: "/wallets", body: { network: "EthereumSepolia" } })();
    expect(wallet).toMatchObject({ ok: { height: 1 } });
    const action = { kind: "RequestApproval", approvalGroups: [{ quorum: 1, approvers: {} }] };
    const policy = { name: "all", activityKind: "Wallets:Sign", rule: { kind: "AlwaysTrigger" }, action };
    stage.act({ method: "POST", path: "/v2/policies", body: policy });
    const [id] = stage.state.wallets.keys();
    const body = JSON.parse('{"__proto__":{"a":1},"kind":"Hash"}');
    const result = stage.act({ method: "POST", path: `/wallets/${id}/signatures`, body })();
    expect(result).toMatchObject({ error: { details: { authority: "bad_record" } } });
    expect(stage.act(newKey("two"))()).toMatchObject({ ok: { height: 3 } });
  });

  it("follows another in the order in which they came", () => {
    const stage = followed();
    const first = stage.act(newKey("one"), 0);
    const second = stage.act(newKey("two"), 100);
    expect([first(), second()]).toMatchObject([{ ok: { height: 1 } }, { ok: { height: 2 } }]);
    expect([...stage.state.keys.values()].map((key) => key.name)).toEqual(["one", "two"]);
  });
});

describe("a signer", () => {
  it("that was away gets all that it lacks, a bounded piece at a time, and then what is proposed", () => {
    const stage = followed(4);
    for (let at = 0; at < 70; at++) stage.act(newKey(`key ${at}`), 20);
    stage.signers.get("signer-4")!.objection = "bad_record";
    stage.act(newKey("last"), 20);
    stage.take("commit");
    stage.connect("signer-5");
    const given = stage.take("commit").filter(({ to }) => to === "signer-5");
    const sizes = given.map(({ order }) => order.records.length);
    expect(sizes).toEqual([64, 7, 1]);
    expect(stage.signers.get("signer-5")!.height).toBe(71);
    expect(stage.state.keys.size).toBe(71);
  });

  it("whose countersignature does not verify counts for nothing", () => {
    const stage = followed(4);
    stage.signers.get("signer-4")!.silent = true;
    stage.act(newKey("one"), 20);
    const { order } = stage.take("propose")[0]!;
    stage.signers.get("signer-4")!.forge(order.record, "signer-3");
    stage.pass(100);
    expect(stage.state.head.height).toBe(0);
    expect(stage.events).toContainEqual(expect.objectContaining({ type: "message.refused", peer: "signer-4" }));
  });

  it("that says nothing is asked again", () => {
    const stage = followed(4);
    stage.signers.get("signer-4")!.silent = true;
    const answer = stage.act(newKey("one"), 1000);
    stage.signers.get("signer-4")!.silent = false;
    stage.pass(2000);
    expect(answer()).toMatchObject({ ok: { height: 1 } });
  });

  it("that is at another record of the same height is named", () => {
    const stage = followed();
    const hash = new Uint8Array(32).fill(1);
    stage.say("signer-2", { kind: "heads", heads: [{ organisation: stage.id, height: 0, hash }] });
    const forked = { type: "authority.forked", peer: "signer-2", height: 0, hash: "01".repeat(32) };
    expect(stage.events).toContainEqual(expect.objectContaining(forked));
  });
});

describe("a record that signers refuse", () => {
  const refusing = (names: readonly string[], count = 5) => {
    const stage = followed(count);
    for (const name of names) stage.signers.get(name)!.objection = "bad_record";
    return stage;
  };

  it("is dropped when all who were asked refuse, and another takes its height", () => {
    const stage = refusing(["signer-1", "signer-2", "signer-3", "signer-4", "signer-5"]);
    const answer = stage.act(newKey("one"));
    expect(answer()).toMatchObject({ error: { code: "failed", details: { authority: "bad_record" } } });
    for (const signer of stage.signers.values()) signer.objection = undefined;
    expect(stage.act(newKey("two"))()).toMatchObject({ ok: { height: 1 } });
    expect([...stage.state.keys.values()].map((key) => key.name)).toEqual(["two"]);
  });

  it.each([
    ["before others refuse it", "signer-4", "signer-5"],
    ["after others refused it", "signer-1", "signer-2"],
  ])("stays in the way, and is reported, when somebody took it %s", (_, one, other) => {
    const stage = refusing([one, other]);
    const answer = stage.act(newKey("one"));
    expect(answer()).toMatchObject({ error: { code: "quorum_unavailable" } });
    expect(stage.events).toContainEqual(expect.objectContaining({ type: "authority.stuck", height: 1 }));
    expect(stage.coordinator.logs()).toMatchObject([
      { head: { height: 0 }, pending: { height: 1, stuck: true, refused: { [one]: { code: "bad_record" } } } },
    ]);
    const next = stage.act(newKey("two"), 10_001);
    expect(next()).toMatchObject({ error: { code: "quorum_unavailable", details: { proposed: false } } });
    expect(stage.hashesAt(1).size).toBe(1);
  });

  it("stays in the way when somebody who was asked may have taken it", () => {
    const stage = refusing(["signer-1", "signer-2", "signer-3", "signer-4"]);
    stage.signers.get("signer-5")!.silent = true;
    stage.act(newKey("one"), 20_000);
    expect(stage.coordinator.logs()).toMatchObject([{ pending: { height: 1, countersigned: [] } }]);
  });

  it("is taken after all by a signer that comes back with its clock set right", () => {
    const stage = refusing(["signer-2", "signer-3"]);
    stage.act(newKey("one"));
    stage.signers.get("signer-2")!.objection = undefined;
    stage.disconnect("signer-2");
    stage.connect("signer-2", "2");
    expect(stage.state.head.height).toBe(1);
  });
});

describe("a coordinator refuses to start", () => {
  it.each([
    ["without the first record of an organisation", [], "no first record for"],
    ["with the first record of another", [genesisRecord(new TestUser(), 0)], "names no organisation"],
  ])("%s", (_, given, message) => {
    const named = given.length === 0 ? [genesisRecord(new TestUser(), 0)] : [];
    expect(() => new Stage([], [10, 20], named, given)).toThrow(message);
  });
});
