/**
 * What a key and a request cost a network of 15 signers that holds more and more keys: whether it stays flat. Keys are really made, by the
 * signers, with the model's arithmetic; all else is the code of the real network. By the CPU time of the one thread, for all nodes
 * together. A million keys cannot be shown: a signer takes on 2048 keys, because it reads all of them at its start, keeps all in
 * memory and names all in one report to each coordinator. Run: node test/bench/scale.bench.ts [keys ...]
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { PRESETS } from "@quorate/regions";
import { Askers, cryptoOf, Simulation, topologyOf, warmDisks } from "@quorate/simulator";

const SIGNERS = 15;
const REQUESTS = 100;
const BOUND_MS = 60_000;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [25, 50, 100, 200, 400];
const crypto = cryptoOf("model");
const places = Object.values(PRESETS).flat();
const regions = Array.from({ length: SIGNERS }, (_, at) => places[at % places.length]!);
const disks = warmDisks(SIGNERS, crypto);
const simulation = new Simulation({ seed: "scale", topology: topologyOf(regions, 8), crypto, disks });
const askers = new Askers(simulation);

function cpuMs(run: () => void): number {
  const before = process.threadCpuUsage();
  run();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

/** @throws Error when it did not come to be in time */
function wait(done: () => boolean, what: string): void {
  if (!simulation.until(done, BOUND_MS)) throw new Error(`${what}: not within ${BOUND_MS} ms`);
}

const isReady = () => simulation.coordinators.every((one) => one.ready && one.organisations().length > 0);
wait(isReady, "the network");
simulation.timeline.pass(3000);

/** Bytes on the disk of one signer. */
function diskBytes(name: string): number {
  return [...simulation.machine(name).disk.image().values()].reduce((sum, one) => sum + one.value.length, 0);
}

/** The largest message that a signer sends when it starts, bytes: it names every key. */
let largest = 0;
simulation.observers.add({
  sent({ from, bytes }) {
    if (from === "signer-1") largest = Math.max(largest, bytes.length);
  },
});

function restart(): void {
  simulation.machine("signer-1").crash();
  simulation.start("signer-1");
  wait(() => simulation.signers.get("signer-1")?.ready === true, "the restart");
  simulation.timeline.pass(2000);
}

function sign(): void {
  const asked = Array.from({ length: REQUESTS }, () => {
    simulation.timeline.pass(50);
    return askers.ask(30_000);
  });
  wait(() => asked.every((one) => one.endedMs !== undefined), "the requests");
  const failed = asked.find(
    ({ answers: [first] }) => first === undefined || !("ok" in first) || first.ok.status !== "Signed",
  );
  if (failed !== undefined) throw new Error(JSON.stringify(failed.answers[0]));
}

const idleMs = cpuMs(() => simulation.timeline.pass(10_000)) / 10;
console.log(`${SIGNERS} signers, 8 sign; a second in which nothing is asked: ${idleMs.toFixed(1)} ms of CPU`);
console.log("  keys  ms a key made  disk bytes a key  heap bytes a key  restart ms  largest report  ms a request");
let made = 0;
for (const size of sizes) {
  collect();
  const [heap, disk] = [process.memoryUsage().heapUsed, diskBytes("signer-1")];
  const count = size - made;
  const makingMs = cpuMs(() =>
    askers.makeKeys(
      Array.from({ length: count }, () => ({ scheme: "EdDSA", curve: "ed25519" }) as const),
      BOUND_MS,
    ),
  );
  made = size;
  collect();
  const heapEach = (process.memoryUsage().heapUsed - heap) / count;
  const diskEach = (diskBytes("signer-1") - disk) / count;
  largest = 0;
  const restartMs = cpuMs(restart);
  const report = largest;
  const signingMs = cpuMs(sign) / REQUESTS;
  const columns = [size, makingMs / count, diskEach, heapEach, restartMs, report, signingMs] as const;
  const widths = [6, 15, 18, 18, 12, 16, 14];
  console.log(columns.map((one, at) => one.toFixed(at === 1 || at === 6 ? 1 : 0).padStart(widths[at]!)).join(""));
}
console.log(
  "\nNot flat by design: a signer reads, keeps and reports all its keys, and so takes on 2048 at most; a million do not fit.",
);
