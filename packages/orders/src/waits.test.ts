import { expect, test } from "vitest";
import { Waits } from "./waits.ts";
import type { Token, World } from "./world.ts";

/** A world that remembers what it was asked. */
function asked() {
  const tokens: Token[] = [];
  const ask = (_: unknown, token: Token) => void tokens.push(token);
  const world: World = {
    now: () => 0,
    wallNow: () => 0,
    random: (length) => new Uint8Array(length),
    send: () => {},
    emit: () => {},
    after: ask,
    read: ask,
    list: ask,
    write: ask,
    compute: ask,
  };
  return { waits: new Waits(world), tokens };
}

test("each question gets its own answer, once, in whatever order the answers come", () => {
  const { waits, tokens } = asked();
  const heard: unknown[] = [];
  waits.read([], (records) => heard.push(["read", records]));
  waits.list({ kind: "a", limit: 1 }, (records) => heard.push(["list", records]));
  waits.write([], (result) => heard.push(["write", result]));
  waits.after(1, () => heard.push(["after"]));
  expect(new Set(tokens).size).toBe(4);
  const [read, list, write, after] = tokens;
  for (const [token, answer] of [
    [after, undefined],
    [write, "ok"],
    [list, [1]],
    [read, [2]],
    [read, [3]],
    [999, "nobody asked"],
  ] as const) {
    waits.wake(token!, answer);
  }
  expect(heard).toEqual([["after"], ["write", "ok"], ["list", [1]], ["read", [2]]]);
});

test("a timer that was cancelled is not heard, however often it is cancelled", () => {
  const { waits, tokens } = asked();
  let fired = false;
  const cancel = waits.after(1, () => {
    fired = true;
  });
  cancel();
  cancel();
  waits.wake(tokens[0]!, undefined);
  expect(fired).toBe(false);
});

test("an answer that throws is not given again", () => {
  const { waits, tokens } = asked();
  waits.write([], () => {
    throw new Error("defect");
  });
  expect(() => waits.wake(tokens[0]!, "ok")).toThrow("defect");
  expect(() => waits.wake(tokens[0]!, "ok")).not.toThrow();
});
