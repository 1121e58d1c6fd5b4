import { Waits } from "@quorate/orders";
import { expect, test } from "vitest";
import { executionsOf } from "./ecdsa-rounds.ts";
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

test("executions of one order are joined all or none: not one that another holds, and none that one of them was", () => {
  const { world } = scene();
  const waits = new Waits(world);
  world.wakes = (token, result) => waits.wake(token, result);
  const executions = new Executions(waits);
  const said: Joined[] = [];
  const joinAll = (...ids: readonly number[]) => {
    executions.joinAll(
      ids.map((id) => new Uint8Array(16).fill(id)),
      (joined) => said.push(joined),
    );
  };
  joinAll(1, 2);
  joinAll(2);
  world.settle();
  joinAll(3, 2);
  world.settle();
  joinAll(3);
  world.settle();
  expect(said).toEqual(["used", "joined", "used", "joined"]);
});

test("each digest of an order has an execution of its own, the first that of the order", () => {
  const order = { executionId: ID };
  const all = executionsOf(order, 64).map((one) => Buffer.from(one).toString("hex"));
  expect(all[0]).toBe("07".repeat(16));
  expect(new Set(all).size).toBe(64);
  expect(executionsOf(order, 2)).toEqual(executionsOf(order, 64).slice(0, 2));
});

test("only a first time goes on", () => {
  expect(() => checkJoined("joined")).not.toThrow();
  expect(() => checkJoined("used")).toThrow("was used");
  expect(() => checkJoined("no_space")).toThrow("no_space");
});
