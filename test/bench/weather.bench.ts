import { loadavg } from "node:os";
import { LocalCluster } from "../cluster/local-cluster.ts";

// What becomes of requests while something is wrong with a network of real processes: 500 in each weather, half of them EdDSA, half ECDSA.

const WEATHERS = ["calm", "partition", "loss", "flap", "pause"];

interface Report {
  readonly name: string;
  readonly asked: number;
  readonly signed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failed: number;
  readonly unsigned: Readonly<Record<string, number>>;
}

const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
const seconds = (ms: number) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

const load = loadavg()[0]!.toFixed(1);
console.log(`load before the start: ${load}\n`);
await using cluster = await LocalCluster.start("--preset", "atlantic", "--min-signers", "3", "--allow-faults");
await cluster.pairs();
console.log("| weather | signed | of | rate | p50 | p99 |\n|---|---|---|---|---|---|");
const reasons: string[] = [];
for (const weather of WEATHERS) {
  const file = `packages/cli/scenarios/weather/${weather}.yaml`;
  const { stdout, stderr } = await cluster.run("scenario", "run", file, "--layer", "live", "--json");
  if (stdout === "") throw new Error(`${weather}: ${stderr}`);
  const { name, asked, signed, p50Ms, p99Ms, failed, unsigned } = JSON.parse(stdout) as Report;
  console.log(
    `| ${name} | ${signed} | ${asked} | ${percent(signed / asked)} | ${seconds(p50Ms)} | ${seconds(p99Ms)} |`,
  );
  if (failed > 0) reasons.push(`${name}: ${failed} expectations failed`);
  for (const [reason, count] of Object.entries(unsigned)) reasons.push(`${name}: ${count} x ${reason}`);
}
for (const reason of reasons) console.log(reason);
