import { roundTripMs } from "@quorate/regions";
import { Outbox, type Sink } from "../src/outbox.ts";
import { TestNode, testNetwork } from "../src/testing/network.ts";

const ROUND_TRIPS = 2000;
const DELAYED_FRAMES = 300;

function report(what: string, samples: number[], unit: string): void {
  samples.sort((a, b) => a - b);
  const at = (quantile: number) => samples[Math.floor(quantile * (samples.length - 1))]!.toFixed(3);
  const mean = (samples.reduce((sum, one) => sum + one, 0) / samples.length).toFixed(3);
  console.log(`${what.padEnd(58)} p50 ${at(0.5)}  mean ${mean}  p99 ${at(0.99)} ${unit}`);
}

/** Two nodes in this process; one echoes. A round trip carries the work of both. */
async function echoes(bytes: number, count: number, delay?: (to: string) => number): Promise<number[]> {
  const network = await testNetwork("hub", "ada", "bob");
  const delayed = delay === undefined ? {} : { delay };
  let answered = () => {};
  const ada = await TestNode.start(network, "ada", { ...delayed, onMessage: () => answered() });
  const bob = await TestNode.start(network, "bob", {
    ...delayed,
    onMessage: (from, message) => bob.transport.send(from, message),
  });
  await Promise.all([ada.connectedTo("bob"), bob.connectedTo("ada")]);
  const message = new Uint8Array(bytes);
  const samples: number[] = [];
  for (let at = 0; at < count; at++) {
    const startedMs = performance.now();
    const answer = new Promise<void>((resolve) => {
      answered = resolve;
    });
    ada.transport.send("bob", message);
    await answer;
    samples.push(performance.now() - startedMs);
  }
  await Promise.all([ada.transport.close(), bob.transport.close()]);
  return samples;
}

/** How much later than due a frame leaves the delay queue. */
async function lateness(): Promise<number[]> {
  const lateMs: number[] = [];
  for (let at = 0; at < DELAYED_FRAMES; at++) {
    const delayMs = 1 + ((at * 7919) % 2000) / 100;
    const sink = Object.assign(new EventTarget(), {
      writeStatus: "writable",
      writableNeedsDrain: false,
      writeBufferLength: 0,
      send: () => lateMs.push(performance.now() - dueMs) > 0,
    });
    const outbox = new Outbox(sink as unknown as Sink, { maxWaitingFrames: 1, maxWaitingBytes: 1 });
    const dueMs = performance.now() + delayMs;
    outbox.push(Uint8Array.of(0), delayMs);
    await outbox.drained();
  }
  return lateMs;
}

await echoes(100, 200); // warm up
report("round trip of 100 B, no delay", await echoes(100, ROUND_TRIPS), "ms");
report("round trip of 60 KB, no delay", await echoes(60_000, ROUND_TRIPS / 4), "ms");
report("a delayed frame leaves later than due by", await lateness(), "ms");
const tripMs = roundTripMs("virginia", "ohio");
const excess = (await echoes(100, 200, () => tripMs / 2)).map((ms) => ms - tripMs);
report(`round trip virginia-ohio (${tripMs.toFixed(1)} ms) longer by`, excess, "ms");
console.log(`resident memory of this process, two nodes: ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`);
