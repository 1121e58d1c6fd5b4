import { readFileSync } from "node:fs";
import { ed25519 } from "@noble/curves/ed25519.js";
import { networkFloorMs, PRESETS, type PresetName } from "@quorate/regions";
import { LocalCluster, until } from "../cluster/local-cluster.ts";
import { fill, median, type Sample, type Scheme, signOnce } from "./load.ts";

// What a user waits for, on real processes: the signature, the request for it, and both with the challenge and the user action before. Ratios and medians; nothing here is a test.

const SEQUENTIAL = 40;
/** By then the code that signs is compiled. More of them would run into the limit of calls in a minute. */
const WARM_UP = 60;
/** All that is signed comes out of the pool, which refills meanwhile. */
const POOL = SEQUENTIAL + WARM_UP;
const CONCURRENCY = 16;
const SUSTAINED_MS = 10_000;
const REST_MS = 20_000;
const TICKS_PER_SECOND = 100;

async function latency(cluster: LocalCluster, scheme: Scheme): Promise<Omit<Sample, "oneRound">> {
  const key = await cluster.key(scheme);
  if (scheme === "ECDSA") await fill(cluster, key, POOL);
  for (let at = 0; at < WARM_UP; at++) await signOnce(cluster, key, scheme);
  const samples: Sample[] = [];
  while (samples.length < SEQUENTIAL) {
    const sample = await signOnce(cluster, key, scheme);
    if (sample.oneRound) samples.push(sample);
  }
  const middle = (of: "signatureMs" | "requestMs" | "ms") => median(samples.map((one) => one[of]));
  return { signatureMs: middle("signatureMs"), requestMs: middle("requestMs"), ms: middle("ms") };
}

function shown({ signatureMs, requestMs, ms }: Omit<Sample, "oneRound">): string {
  return `${signatureMs.toFixed(1)} (${requestMs.toFixed(1)}; ${ms.toFixed(1)}) ms`;
}

async function sustained(cluster: LocalCluster): Promise<number> {
  const key = await cluster.key("EdDSA");
  for (let at = 0; at < WARM_UP; at++) await signOnce(cluster, key, "EdDSA");
  let done = 0;
  const end = performance.now() + SUSTAINED_MS;
  const worker = async () => {
    while (performance.now() < end) {
      await signOnce(cluster, key, "EdDSA");
      done++;
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return (done * 1000) / (performance.now() - started);
}

/** Signatures per second of one thread that calls noble alone, with a whole key. */
function nobleAlone(): number {
  const secret = ed25519.utils.randomSecretKey();
  const message = new TextEncoder().encode("hello");
  for (let at = 0; at < 20; at++) ed25519.sign(message, secret);
  const started = performance.now();
  let done = 0;
  while (performance.now() - started < 2000) {
    ed25519.sign(message, secret);
    done++;
  }
  return (done * 1000) / (performance.now() - started);
}

/** Waits for the setup of the pairs, which takes both cores for a few seconds after the first start. */
async function pairsReady(cluster: LocalCluster): Promise<void> {
  await until(async () => {
    const { pairs } = (await cluster.call("GET", "/_quorate/health")).body as {
      pairs: { ready: number; total: number };
    };
    return pairs.ready === pairs.total;
  });
}

/** Resident megabytes and share of a core of each process, with nothing to do. Linux only. */
async function atRest(cluster: LocalCluster): Promise<readonly string[]> {
  await pairsReady(cluster);
  const processes = await cluster.processes();
  const ticks = (pid: number) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    return Number(fields[11]) + Number(fields[12]);
  };
  const before = processes.map((one) => ticks(one.pid!));
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  return processes.map((one, at) => {
    const percent = ((ticks(one.pid!) - before[at]!) / TICKS_PER_SECOND / (REST_MS / 1000)) * 100;
    const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${one.pid}/status`, "utf8"))?.[1];
    return `  ${one.name.padEnd(12)} ${Math.round(Number(rss) / 1024)} MB resident, ${percent.toFixed(2)} % of a core`;
  });
}

console.log(
  `one signature (its request, HTTP in to HTTP out; with the user action before), jitter off, commitments or ${POOL} presignatures ready; median of ${SEQUENTIAL} after ${WARM_UP}`,
);
for (const preset of Object.keys(PRESETS) as PresetName[]) {
  await using cluster = await LocalCluster.start("--preset", preset, "--jitter", "0");
  await pairsReady(cluster);
  const floor = networkFloorMs(PRESETS[preset]);
  const bound = floor * 1.15 + 15;
  const row = async (scheme: Scheme) => {
    const taken = await latency(cluster, scheme);
    const { signatureMs } = taken;
    const verdict = `floor x ${(signatureMs / floor).toFixed(2)}, ${signatureMs <= bound ? "within" : "above"} ${bound.toFixed(0)}`;
    return `${scheme} ${shown(taken)}: ${verdict}`;
  };
  console.log(
    `  ${preset.padEnd(9)} floor ${floor.toFixed(0).padStart(3)} ms: ${await row("EdDSA")}; ${await row("Schnorr")}; ${await row("ECDSA")}`,
  );
}
await using cluster = await LocalCluster.start("--no-regions", "--calls-per-minute", "0");
console.log("at rest, signers and coordinator:");
for (const line of await atRest(cluster)) console.log(line);
const unloaded: string[] = [];
for (const scheme of ["EdDSA", "Schnorr", "ECDSA"] as const) {
  unloaded.push(`${scheme} ${shown(await latency(cluster, scheme))}`);
}
console.log(`without regions, unloaded: ${unloaded.join(", ")} at the median (target 15)`);
const [ours, noble] = [await sustained(cluster), nobleAlone()];
console.log(
  `sustained, 3-of-5 Ed25519, ${CONCURRENCY} at a time: ${ours.toFixed(0)} signatures/s; noble alone on one thread ${noble.toFixed(0)}/s (${(ours / noble).toFixed(2)} of it)`,
);
