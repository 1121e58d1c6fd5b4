import { expect, test } from "vitest";
import { Outlet } from "./outlet.ts";
import { MemoryWorld } from "./testing/memory-world.ts";

function scene() {
  const world = new MemoryWorld();
  const sent: number[] = [];
  world.send = (_to?: string, bytes?: Uint8Array) => void sent.push(bytes![0]!);
  return { outlet: new Outlet(world), sent };
}

test("nothing leaves before all who hold it back have released it; then everything does, in order", () => {
  const { outlet, sent } = scene();
  outlet.hold();
  outlet.hold();
  outlet.send("ada", Uint8Array.of(1));
  outlet.release();
  outlet.send("bob", Uint8Array.of(2));
  expect(sent).toEqual([]);
  outlet.release();
  outlet.send("ada", Uint8Array.of(3));
  expect(sent).toEqual([1, 2, 3]);
});

test("what is held back is bounded: the oldest is lost", () => {
  const { outlet, sent } = scene();
  outlet.hold();
  for (let at = 0; at < 40; at++) outlet.send("ada", new Uint8Array(1 << 20).fill(at));
  outlet.release();
  expect(sent).toEqual(Array.from({ length: 32 }, (_, at) => at + 8));
  for (let at = 0; at < 2; at++) {
    outlet.hold();
    outlet.send("ada", new Uint8Array(1 << 24).fill(50 + at));
    outlet.release();
  }
  expect(sent.slice(32)).toEqual([50, 51]);
});
