import { expect, test } from "vitest";
import { Outbox, type Sink } from "./outbox.ts";

/** The sending half of a stream: takes what it is given until it is told to be full. */
class FakeSink extends EventTarget {
  readonly sent: { readonly frame: Uint8Array; readonly atMs: number }[] = [];
  writeStatus = "writable" as const;
  writableNeedsDrain = false;
  writeBufferLength = 0;
  onSend = (_: Uint8Array) => {};
  send(frame: Uint8Array): boolean {
    this.sent.push({ frame, atMs: performance.now() });
    this.onSend(frame);
    return !this.writableNeedsDrain;
  }
  get order(): number[] {
    return this.sent.map((one) => one.frame[0]!);
  }
}

const LIMITS = { maxWaitingFrames: 10, maxWaitingBytes: 100 };

function outbox(limits = LIMITS): { sink: FakeSink; box: Outbox } {
  const sink = new FakeSink();
  return { sink, box: new Outbox(sink as unknown as Sink, limits) };
}

test("without delay a frame leaves at once", () => {
  const { sink, box } = outbox();
  expect(box.push(Uint8Array.of(1), 0)).toBe(true);
  expect(sink.order).toEqual([1]);
});

test("no frame leaves before its delay has passed, and none overtakes another", async () => {
  const { sink, box } = outbox({ maxWaitingFrames: 100, maxWaitingBytes: 1000 });
  const dueMs: number[] = [];
  const delays = [20, 3, 11.5, 0, 30, 1, 0.4];
  for (const [at, delayMs] of delays.entries()) {
    dueMs.push(performance.now() + delayMs);
    box.push(Uint8Array.of(at), delayMs);
  }
  await box.drained();
  expect(sink.order).toEqual(delays.map((_, at) => at));
  for (const [at, { atMs }] of sink.sent.entries()) expect(atMs).toBeGreaterThanOrEqual(dueMs[at]!);
});

test("not even by a fraction of a millisecond", async () => {
  const early = Array.from({ length: 100 }, async (_, at) => {
    const { sink, box } = outbox();
    const dueMs = performance.now() + 3 + at / 100;
    box.push(Uint8Array.of(1), dueMs - performance.now());
    await box.drained();
    return sink.sent[0]!.atMs < dueMs - 0.01;
  });
  expect((await Promise.all(early)).filter(Boolean)).toEqual([]);
});

test("a narrow line sends one frame after the other", async () => {
  const { sink, box } = outbox();
  const startedMs = performance.now();
  // 20 bytes at 1000 bytes a second are 20 ms each.
  for (let at = 0; at < 3; at++) box.push(new Uint8Array(20).fill(at), 5, 1000);
  await box.drained();
  expect(sink.order).toEqual([0, 1, 2]);
  for (const [at, { atMs }] of sink.sent.entries()) expect(atMs - startedMs).toBeGreaterThanOrEqual(20 * (at + 1) + 5);
});

test("waits while the stream needs to drain", async () => {
  const { sink, box } = outbox();
  sink.writableNeedsDrain = true;
  box.push(Uint8Array.of(1), 0);
  box.push(Uint8Array.of(2), 0);
  expect(sink.order).toEqual([]);
  sink.writableNeedsDrain = false;
  sink.dispatchEvent(new Event("drain"));
  await box.drained();
  expect(sink.order).toEqual([1, 2]);
});

test("waits while the stream holds bytes of an earlier frame, even if it drains", async () => {
  const { sink, box } = outbox();
  sink.onSend = () => {
    sink.writeBufferLength = 7;
  };
  box.push(Uint8Array.of(1), 0);
  box.push(Uint8Array.of(2), 0);
  sink.dispatchEvent(new Event("drain"));
  await Promise.resolve();
  expect(sink.order).toEqual([1]);
  sink.writeBufferLength = 0;
  sink.dispatchEvent(new Event("idle"));
  await Promise.resolve();
  expect(sink.order).toEqual([1, 2]);
});

test("does not send from inside the send loop of the stream", async () => {
  const { sink, box } = outbox();
  sink.writableNeedsDrain = true;
  box.push(Uint8Array.of(1), 0);
  sink.writableNeedsDrain = false;
  sink.dispatchEvent(new Event("idle"));
  expect(sink.order).toEqual([]);
  await Promise.resolve();
  expect(sink.order).toEqual([1]);
});

test.each([
  ["frames", 11, 1, 10],
  ["bytes", 4, 30, 3],
])("loses what is above its bound of %s", async (_, count, size, kept) => {
  const { sink, box } = outbox();
  const accepted = Array.from({ length: count }, () => box.push(new Uint8Array(size), 1));
  expect(accepted.filter(Boolean).length).toBe(kept);
  await box.drained();
  expect(sink.sent.length).toBe(kept);
  expect(box.push(new Uint8Array(size), 1)).toBe(true);
  box.stop();
});

test("stopped, it tells how much is lost and sends no more", async () => {
  const { sink, box } = outbox();
  box.push(Uint8Array.of(1), 1);
  box.push(Uint8Array.of(2), 1);
  expect(box.stop()).toBe(2);
  sink.dispatchEvent(new Event("drain"));
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(sink.order).toEqual([]);
});
