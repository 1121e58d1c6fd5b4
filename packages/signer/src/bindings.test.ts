import { Waits } from "@quorate/orders";
import { describe, expect, test } from "vitest";
import { Audit } from "./audit.ts";
import { Bindings, type Bound } from "./bindings.ts";
import { MemoryWorld } from "./testing/memory-world.ts";

const entry = { kind: "resumed", statement: new Uint8Array(32) } as const;

const asked = (digest: number, deadline = 100) => ({
  digest: new Uint8Array(32).fill(digest),
  deadline,
  until: deadline,
  fresh: true,
  entry,
});

function scene(world = new MemoryWorld()) {
  const waits = new Waits(world);
  world.wakes = (token, result) => waits.wake(token, result);
  const bindings = new Bindings(waits, new Audit(world, waits));
  const said: Bound[] = [];
  const bind = (digest: number, deadline?: number, id = "sig") =>
    bindings.bind(id, asked(digest, deadline), (bound) => said.push(bound));
  return { world, said, bind, bindings };
}

describe("a request id", () => {
  test("is bound once it is on disk and not before; the same may be asked again until its deadline", () => {
    const { world, said, bind } = scene();
    bind(1);
    expect(said).toEqual([]);
    world.settle();
    expect(world.records.get("binding sig")?.state).toBe("present");
    for (const deadline of [100, 99, 101]) bind(1, deadline);
    expect(said).toEqual(["bound", "bound", "bound", "other"]);
  });

  test("is never bound to something else, by this process or the next one", () => {
    const { world, said, bind } = scene();
    bind(1);
    world.settle();
    bind(2);
    expect(said).toEqual(["bound", "other"]);
    const next = scene(world);
    for (const digest of [2, 2, 1]) next.bind(digest);
    world.settle();
    expect(next.said).toEqual(["other", "other", "bound"]);
  });

  test("is bound to the first of those who ask at once", () => {
    const { world, said, bind } = scene();
    for (const digest of [1, 2, 1]) bind(digest);
    world.settle();
    expect(said).toEqual(["bound", "other", "bound"]);
  });

  test("is bound to nothing when the disk refuses: whoever asks next may have it", () => {
    const { world, said, bind } = scene();
    world.result = "no_space";
    for (const digest of [1, 2]) bind(digest);
    world.settle();
    world.result = "ok";
    bind(3);
    world.settle();
    expect(said).toEqual(["no_space", "no_space", "bound"]);
  });

  test.each([
    { state: "faulty", fault: "corrupt_record" } as const,
    { state: "present", value: Uint8Array.of(9) } as const,
  ])("whose record is unusable is bound to something else, however often it is asked: %j", (record) => {
    const { world, said, bind } = scene();
    world.records.set("binding sig", record);
    for (const digest of [1, 1]) bind(digest);
    world.settle();
    bind(1);
    world.settle();
    expect(said).toEqual(["other", "other", "other"]);
  });

  test("keeps what it is bound to when many others are bound after it", () => {
    const { world, said, bind } = scene();
    bind(1);
    for (let at = 0; at < 3000; at++) {
      bind(1, 100, `sig-${at}`);
      if (at % 100 === 0) world.settle();
    }
    world.settle();
    said.length = 0;
    bind(2);
    bind(1);
    world.settle();
    expect(said).toEqual(["other", "bound"]);
  });

  test("is known to be bound once that is under way, on disk or unreadable, and not before", () => {
    const { world, bind, bindings } = scene();
    const answers: unknown[] = [];
    const ask = (target = bindings) => target.isBound("sig", (answer) => answers.push(answer));
    ask();
    bind(1);
    ask();
    expect(answers).toEqual([]);
    world.settle();
    ask();
    const next = scene(world);
    ask(next.bindings);
    world.settle();
    world.records.set("binding sig", { state: "faulty", fault: "corrupt_record" });
    ask(scene(world).bindings);
    world.settle();
    expect(answers).toEqual([false, true, true, true, true]);
  });

  test("that nobody admits any more is erased, and no other", () => {
    const { world, bind, bindings } = scene();
    const weekMs = 7 * 24 * 3600_000;
    bind(1, 999, "ended");
    bind(1, 1000, "not yet");
    world.wallMs = 1000 + weekMs;
    world.settle();
    bindings.prune(() => world.wallMs);
    world.settle();
    expect([...world.records.keys()].filter((name) => name.startsWith("binding"))).toEqual(["binding not yet"]);
  });

  test("waits for the disk only in bounded number", () => {
    const { world, said, bind, bindings } = scene();
    for (let at = 0; at < 2000; at++) bind(1, 100, at % 2 === 0 ? "sig" : `sig-${at}`);
    expect(said).toHaveLength(2000 - 1024);
    expect(new Set(said)).toEqual(new Set(["busy"]));
    const answers: unknown[] = [];
    bindings.isBound("sig-last", (answer) => answers.push(answer));
    expect(answers).toEqual(["busy"]);
    world.settle();
    expect(said.filter((one) => one === "bound")).toHaveLength(1024);
    bind(1, 100, "sig-last");
    world.settle();
    expect(said.at(-1)).toBe("bound");
  });
});

describe("what is bound", () => {
  const order = { keyId: new Uint8Array(32), path: [], request: Uint8Array.of(1) };
  test.each([
    ["key", { ...order, keyId: new Uint8Array(32).fill(1) }],
    ["child", { ...order, path: [0] }],
    ["request", { ...order, request: Uint8Array.of(2) }],
  ])("is one %s: another is something else", (_, other) => {
    expect(Bindings.digest(order)).toEqual(Bindings.digest({ ...order }));
    expect(Bindings.digest(other)).not.toEqual(Bindings.digest(order));
  });
});
