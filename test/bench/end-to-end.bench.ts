import { readFileSync } from "node:fs";
import { ed25519 } from "@noble/curves/ed25519.js";
import { networkFloorMs, PRESETS, type PresetName } from "@quorate/regions";
import { LocalCluster } from "../cluster/local-cluster.ts";

// What a user waits for: HTTP in to HTTP out, on real processes. Ratios and medians; nothing here is a test.

const SEQUENTIAL = 40;
const WARM_UP = 12;
const CONCURRENCY = 16;
const SUSTAINED_MS = 10_000;
const REST_MS = 20_000;
const TICKS_PER_SECOND = 100;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Signs one message. @returns milliseconds, and whether one round trip did it */
async function signOnce(cluster: LocalCluster, key: string, body: unknown): Promise<{ ms: number; oneRound: boolean }> {
  const started = performance.now();
  const { status, body: answer } = await cluster.call("POST", `/keys/${key}/signatures`, body);
  if (status !== 200) throw new Error(JSON.stringify(answer));
  const { attempts } = answer._quorate as { attempts: { form: string }[] };
  return { ms: performance.now() - started, oneRound: attempts.length === 1 && attempts[0]?.form === "one-round" };
}

const BODIES = {
  EdDSA: { kind: "Message", message: "68656c6c6f" },
  Schnorr: { kind: "Hash", hash: "11".repeat(32), taprootMerkleRoot: "" },
} as const;

async function latency(cluster: LocalCluster, scheme: keyof typeof BODIES): Promise<number> {
  const key = await cluster.key(scheme);
  for (let at = 0; at < WARM_UP; at++) await signOnce(cluster, key, BODIES[scheme]);
  const times: number[] = [];
  while (times.length < SEQUENTIAL) {
    const { ms, oneRound } = await signOnce(cluster, key, BODIES[scheme]);
    if (oneRound) times.push(ms);
  }
  return median(times);
}

async function sustained(cluster: LocalCluster): Promise<number> {
  const key = await cluster.key("EdDSA");
  for (let at = 0; at < WARM_UP; at++) await signOnce(cluster, key, BODIES.EdDSA);
  let done = 0;
  const end = performance.now() + SUSTAINED_MS;
  const worker = async () => {
    while (performance.now() < end) {
      await signOnce(cluster, key, BODIES.EdDSA);
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

/** Resident megabytes and share of a core of each process, with nothing to do. Linux only. */
async function atRest(cluster: LocalCluster): Promise<readonly string[]> {
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

console.log("one signature, HTTP in to HTTP out, commitments ready, jitter off; median of", SEQUENTIAL);
for (const preset of Object.keys(PRESETS) as PresetName[]) {
  await using cluster = await LocalCluster.start("--preset", preset, "--jitter", "0");
  const floor = networkFloorMs(PRESETS[preset]);
  const bound = floor * 1.15 + 15;
  const row = async (scheme: keyof typeof BODIES) => {
    const ms = await latency(cluster, scheme);
    return `${scheme} ${ms.toFixed(1)} ms (floor x ${(ms / floor).toFixed(2)}, ${ms <= bound ? "within" : "above"} ${bound.toFixed(0)})`;
  };
  console.log(
    `  ${preset.padEnd(9)} floor ${floor.toFixed(0).padStart(3)} ms: ${await row("EdDSA")}; ${await row("Schnorr")}`,
  );
}
await using cluster = await LocalCluster.start("--no-regions");
console.log("at rest, signers and coordinator:");
for (const line of await atRest(cluster)) console.log(line);
const [eddsa, schnorr] = [await latency(cluster, "EdDSA"), await latency(cluster, "Schnorr")];
console.log(
  `without regions, unloaded: EdDSA ${eddsa.toFixed(1)} ms, Schnorr ${schnorr.toFixed(1)} ms at the median (target 15)`,
);
const [ours, noble] = [await sustained(cluster), nobleAlone()];
console.log(
  `sustained, 3-of-5 Ed25519, ${CONCURRENCY} at a time: ${ours.toFixed(0)} signatures/s; noble alone on one thread ${noble.toFixed(0)}/s (${(ours / noble).toFixed(2)} of it)`,
);
