import { describe, expect, it } from "vitest";
import { LogStage, newKey } from "../testing/countersigners.ts";

function followed(count = 5): LogStage {
  const stage = new LogStage();
  for (const name of stage.names.slice(0, count)) stage.connect(name);
  return stage;
}

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

  it("follows another in the order in which they came", () => {
    const stage = followed();
    const first = stage.act(newKey("one"), 0);
    const second = stage.act(newKey("two"), 100);
    expect([first(), second()]).toMatchObject([{ ok: { height: 1 } }, { ok: { height: 2 } }]);
    expect([...stage.state.keys.values()].map((key) => key.name)).toEqual(["one", "two"]);
  });
});
