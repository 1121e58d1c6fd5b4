import { expect, test } from "vitest";
import { EarlyFrames } from "./early-frames.ts";

const execution = (at: number) => new Uint8Array(16).fill(at);

test("frames wait for their execution, of each peer in order, and are given once", () => {
  const early = new EarlyFrames();
  early.hold(execution(1), "ada", Uint8Array.of(1));
  early.hold(execution(2), "ada", Uint8Array.of(2));
  early.hold(execution(1), "bob", Uint8Array.of(3));
  early.hold(execution(1), "ada", Uint8Array.of(4));
  const taken = early.take(execution(1)).map(({ from, frame }) => [from, frame[0]]);
  expect(taken).toEqual([
    ["ada", 1],
    ["ada", 4],
    ["bob", 3],
  ]);
  expect(early.take(execution(1))).toEqual([]);
  expect(early.take(execution(2))).toHaveLength(1);
});

test("a flood of one peer is bounded in frames and displaces nothing of another", () => {
  const early = new EarlyFrames();
  early.hold(execution(0), "bob", Uint8Array.of(1));
  for (let at = 0; at < 1000; at++) early.hold(execution(at), "ada", Uint8Array.of(2));
  expect(early.most).toEqual({ frames: 64, bytes: 64 });
  const kept = Array.from({ length: 256 }, (_, at) => early.take(execution(at))).flat();
  expect(kept.filter(({ from }) => from === "ada").length).toBeLessThanOrEqual(64);
  expect(kept.filter(({ from }) => from === "bob")).toHaveLength(1);
});

test("a flood of one peer is bounded in bytes", () => {
  const early = new EarlyFrames();
  for (let at = 0; at < 60; at++) early.hold(execution(1), "ada", new Uint8Array(1 << 16));
  expect(early.take(execution(1)).reduce((sum, { frame }) => sum + frame.length, 0)).toBeLessThanOrEqual(1 << 20);
});

test("what waits is a copy: the transport may use its buffer again", () => {
  const early = new EarlyFrames();
  const frame = Uint8Array.of(5);
  early.hold(execution(1), "ada", frame);
  frame.fill(0);
  expect(early.take(execution(1))[0]?.frame).toEqual(Uint8Array.of(5));
});
