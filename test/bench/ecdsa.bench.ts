import { presignLocally, testKey, testPairs } from "@quorate/dkls23/testing";
import { LocalCluster } from "../cluster/local-cluster.ts";
import { drop, fill, quantile, type Sample, signMany, signOnce } from "./load.ts";

// Threshold ECDSA under load, on real processes without regions: what refilling pools costs those who wait for a signature, and
// what the machine sustains. Nothing here is a test.

const POOL = 100;
/** While requests are under way a pool is left alone as long as a quarter of it lies ready. */
const OF_A_POOL = 70;
const ROUNDS = 5;
const FEW = 2;
const MANY = 16;
const WARM_UP_MS = 5000;
const SUSTAINED_MS = 15_000;

/** Presignatures per second of one thread that makes all three parts of each, 3-of-5. */
function oneThread(): number {
  const key = testKey("secp256k1", 3, 5);
  const signers = [1, 2, 3];
  const pairs = testPairs(key.participants);
  let execution = 0;
  const presign = () => presignLocally(key, signers, { pairs, execution: execution++ });
  for (let at = 0; at < 5; at++) presign();
  const started = performance.now();
  let done = 0;
  while (performance.now() - started < 3000) {
    presign();
    done++;
  }
  return (done * 1000) / (performance.now() - started);
}

/** Signs from a full pool that is left alone meanwhile, and so often again, while `other` is refilled from nothing or not. */
async function withRefill(cluster: LocalCluster, key: string, other: string | undefined): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await fill(cluster, key, POOL);
    if (other !== undefined) await drop(cluster, other);
    const refilled = other === undefined ? undefined : fill(cluster, other, POOL);
    samples.push(...(await signMany(cluster, key, "ECDSA", { count: OF_A_POOL, atOnce: FEW })));
    await refilled;
  }
  return samples;
}

function shown(samples: readonly Sample[]): string {
  const times = samples.map(({ ms }) => ms);
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
  const oneRound = samples.filter((one) => one.oneRound).length / samples.length;
  return `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${(100 * oneRound).toFixed(0)} % in one round trip`;
}

async function sustained(
  cluster: LocalCluster,
  key: string,
): Promise<{ perSecond: number; samples: readonly Sample[] }> {
  const samples: Sample[] = [];
  let counts = false;
  const end = performance.now() + WARM_UP_MS + SUSTAINED_MS;
  const one = async () => {
    while (performance.now() < end) {
      const sample = await signOnce(cluster, key, "ECDSA");
      if (counts) samples.push(sample);
    }
  };
  const working = Array.from({ length: MANY }, one);
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
  counts = true;
  const started = performance.now();
  await Promise.all(working);
  return { perSecond: (samples.length * 1000) / (performance.now() - started), samples };
}

await using cluster = await LocalCluster.start("--no-regions");
const [key, other] = [await cluster.key("ECDSA"), await cluster.key("ECDSA")];
const started = performance.now();
await fill(cluster, key, POOL);
console.log(`${POOL} presignatures for the first signing set: ${((performance.now() - started) / 1000).toFixed(1)} s`);
await withRefill(cluster, key, undefined); // warm-up
const alone = await withRefill(cluster, key, undefined);
const beside = await withRefill(cluster, key, other);
const p99 = (samples: readonly Sample[]) =>
  quantile(
    samples.map(({ ms }) => ms),
    0.99,
  );
console.log(`${FEW} at a time, pool full, no refill:            ${shown(alone)}`);
console.log(`${FEW} at a time, another key's pool refilling:   ${shown(beside)}`);
console.log(`  p99 with refill / without: ${(p99(beside) / p99(alone)).toFixed(2)} (target 1.25)`);
await drop(cluster, other);
const { perSecond, samples } = await sustained(cluster, key);
const thread = oneThread();
console.log(
  `sustained, 3-of-5, ${MANY} at a time, refill included: ${perSecond.toFixed(1)} signatures/s; ${shown(samples)}`,
);
console.log(
  `one thread alone makes all three parts of ${thread.toFixed(1)} presignatures/s: ${(perSecond / thread).toFixed(2)} of it`,
);
