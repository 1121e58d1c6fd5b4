import { describe, expect, it } from "vitest";
import { followed, type LogStage, newKey } from "../testing/countersigners.ts";

/** Kills the coordinator at its `nth` write: before it is kept, or once it is. */
function killAt(stage: LogStage, nth: number, when: "before" | "after"): void {
  let writes = 0;
  stage.onWrite = () => {
    writes += 1;
    if (writes < nth) return undefined;
    if (when === "before") stage.kill();
    else stage.afterWrite = () => stage.kill();
    return undefined;
  };
}

/** The coordinator starts again, and the signers connect. */
function comeBack(stage: LogStage): void {
  stage.onWrite = () => undefined;
  stage.afterWrite = () => {};
  stage.restart();
  for (const name of stage.names) stage.connect(name, "2");
  stage.pass(3000);
}

describe("a coordinator that is killed", () => {
  it.each([
    ["before the proposal is kept", 1, "before", 0],
    ["once the proposal is kept", 1, "after", 1],
    ["before the committed record is kept", 2, "before", 1],
    ["once the committed record is kept", 2, "after", 1],
  ] as const)("%s leaves one record at its height", (_, nth, when, height) => {
    const stage = followed();
    killAt(stage, nth, when);
    stage.act(newKey("one"));
    comeBack(stage);
    expect(stage.state.head.height).toBe(height);
    expect(stage.act(newKey("two"))()).toMatchObject({ ok: { height: height + 1 } });
    expect([...stage.state.keys.values()].map((key) => key.name)).toEqual(height === 0 ? ["two"] : ["one", "two"]);
    expect(stage.hashesAt(1).size).toBe(1);
    expect([...stage.signers.values()].map((one) => one.height)).toEqual(stage.names.map(() => height + 1));
  });

  it("while some signers took a record proposes the very same again, also when its time is long past", () => {
    const stage = followed(2);
    stage.act(newKey("one"));
    stage.kill();
    stage.pass(3600_000);
    comeBack(stage);
    expect(stage.state.head.height).toBe(1);
    expect(stage.hashesAt(1).size).toBe(1);
  });

  it("starts from records that signers already have, and goes on above them", () => {
    const stage = followed();
    for (let at = 0; at < 70; at++) stage.act(newKey(`key ${at}`), 20);
    comeBack(stage);
    expect(stage.state.head.height).toBe(70);
    expect(stage.act(newKey("last"))()).toMatchObject({ ok: { height: 71 } });
  });
});

describe("a disk that takes nothing", () => {
  it("keeps an action from being proposed", () => {
    const stage = followed();
    stage.onWrite = () => "no_space";
    stage.take("propose");
    expect(stage.act(newKey("one"))()).toMatchObject({ error: { code: "failed" } });
    expect(stage.take("propose")).toEqual([]);
    stage.onWrite = () => undefined;
    expect(stage.act(newKey("two"))()).toMatchObject({ ok: { height: 1 } });
  });

  it("delays what signers took until there is room, and neither state nor signers are ahead of it", () => {
    const stage = followed();
    stage.onWrite = (batch) => (batch.some((one) => one.kind === "log-record") ? "no_space" : undefined);
    const answer = stage.act(newKey("one"), 500);
    expect([answer(), stage.state.head.height]).toEqual([undefined, 0]);
    expect([...stage.signers.values()].map((one) => one.height)).toEqual([0, 0, 0, 0, 0]);
    stage.onWrite = () => undefined;
    stage.pass(1000);
    expect(answer()).toMatchObject({ ok: { height: 1 } });
  });
});
