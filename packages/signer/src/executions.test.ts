import { Waits } from "@quorate/orders";
import { expect, test } from "vitest";
import { checkJoined, Executions, type Joined } from "./executions.ts";
import { MemoryWorld } from "./testing/memory-world.ts";

const ID = new Uint8Array(16).fill(7);

function scene(world = new MemoryWorld()) {
  const waits = new Waits(world);
  world.wakes = (token, result) => waits.wake(token, result);
  const executions = new Executions(waits);
  const said: Joined[] = [];
  return { world, said, join: () => executions.join(ID, (joined) => said.push(joined)) };
}

test("an execution is joined once: not by two who ask at once, not later, not by the next process", () => {
  const { world, said, join } = scene();
  join();
  join();
  world.settle();
  join();
  world.settle();
  expect(said).toEqual(["used", "joined", "used"]);
  const next = scene(world);
  next.join();
  world.settle();
  expect(next.said).toEqual(["used"]);
});

test("an execution whose record cannot be read or written is not joined", () => {
  const { world, said, join } = scene();
  world.result = "io_error";
  join();
  world.settle();
  world.records.set(`joined ${"07".repeat(16)}`, { state: "faulty", fault: "corrupt_record" });
  join();
  world.settle();
  expect(said).toEqual(["io_error", "used"]);
});

test("only a first time goes on", () => {
  expect(() => checkJoined("joined")).not.toThrow();
  expect(() => checkJoined("used")).toThrow("was used");
  expect(() => checkJoined("no_space")).toThrow("no_space");
});
