// Signs many ECDSA requests over real processes, refill of presignatures included: node test/bench/soak.ts [count].
// Demands that every signature verifies by libsecp256k1, and shows what the processes' memory does meanwhile.
import { readFileSync } from "node:fs";
import { verify } from "tiny-secp256k1";
import { hashMessage } from "viem";
import { LocalCluster } from "../cluster/local-cluster.ts";

const COUNT = Number(process.argv[2] ?? 10_000);
const CONCURRENCY = 8;
const REPORTS = 20;

/** Resident memory of each process, megabytes. */
async function memory(cluster: LocalCluster): Promise<string> {
  const processes = await cluster.processes();
  return processes
    .map(({ name, pid }) => {
      const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
      return `${name} ${Math.round((pages * 4096) / 1e6)}`;
    })
    .join(", ");
}

function digestOf(message: Uint8Array): Uint8Array {
  return Buffer.from(hashMessage({ raw: message }).slice(2), "hex");
}

await using cluster = await LocalCluster.start("--jitter", "0", "--no-regions");
const { status, body: key } = await cluster.call("POST", "/keys", {
  scheme: "ECDSA",
  curve: "secp256k1",
  name: "soak",
});
if (status !== 200) throw new Error(JSON.stringify(key));
const publicKey = Buffer.from(key.publicKey as string, "hex");

let [begun, done, failed] = [0, 0, 0];
const times: number[] = [];
const started = performance.now();

async function sign(at: number): Promise<void> {
  const message = Buffer.from(`message ${at}`);
  const before = performance.now();
  const { status, body } = await cluster.call("POST", `/keys/${key.id}/signatures`, {
    kind: "Message",
    blockchainKind: "Evm",
    message: message.toString("hex"),
  });
  times.push(performance.now() - before);
  const { r, s } = (body.signature ?? {}) as { r?: string; s?: string };
  const signature = Buffer.from(`${r?.slice(2)}${s?.slice(2)}`, "hex");
  if (status === 200 && signature.length === 64 && verify(digestOf(message), publicKey, signature)) return;
  failed += 1;
  console.error(`request ${at} failed with ${status}: ${JSON.stringify(body).slice(0, 500)}`);
}

async function worker(): Promise<void> {
  while (begun < COUNT) {
    await sign(begun++);
    done += 1;
    if (done % Math.ceil(COUNT / REPORTS) !== 0) continue;
    const perSecond = (done * 1000) / (performance.now() - started);
    console.log(`${done} of ${COUNT}, ${failed} failed, ${perSecond.toFixed(1)}/s, MB: ${await memory(cluster)}`);
  }
}

await Promise.all(Array.from({ length: CONCURRENCY }, worker));
const sorted = times.toSorted((a, b) => a - b);
const at = (part: number) => `${Math.round(sorted[Math.floor(sorted.length * part)]!)} ms`;
console.log(`${COUNT} signatures, ${failed} failed; p50 ${at(0.5)}, p99 ${at(0.99)}, slowest ${at(0.9999)}`);
process.exitCode = failed === 0 ? 0 : 1;
