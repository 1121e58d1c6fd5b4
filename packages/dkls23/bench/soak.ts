// Presigns and signs many times in one process, every set of a 2-of-3 key in turn: node packages/dkls23/bench/soak.ts [count].
// Demands that each signature verifies by noble, and shows the memory meanwhile.
import { createHash, randomBytes } from "node:crypto";
import { group, verifyEcdsa } from "@quorate/curves";
import { aggregate, signShare } from "../src/index.ts";
import { presignLocally, testKey, testPairs } from "../src/testing.ts";

const COUNT = Number(process.argv[2] ?? 10_000);
const SETS = [
  [1, 2],
  [1, 3],
  [2, 3],
];
const curve = group("secp256k1", "fast");
const key = testKey("secp256k1", 2, 3);
const pairs = testPairs(key.participants);
const config = () => ({ random: (length: number) => new Uint8Array(randomBytes(length)) });
const publicKey = curve.encodePoint(key.publicKey);
const started = performance.now();
let failed = 0;

for (let at = 1; at <= COUNT; at++) {
  const digest = createHash("sha256").update(`message ${at}`).digest();
  const presignatures = [...presignLocally(key, SETS[at % SETS.length]!, { pairs, config, seed: at }).values()];
  const { bigR } = presignatures[0]!;
  const shares = presignatures.map((one) => signShare(curve, one, digest));
  const { r, s } = aggregate(curve, publicKey, bigR, digest, shares);
  if (!verifyEcdsa("secp256k1", publicKey, digest, Buffer.concat([r, s]))) failed += 1;
  if (at % Math.ceil(COUNT / 20) !== 0) continue;
  const { rss, heapUsed } = process.memoryUsage();
  const [megabytes, heap] = [rss, heapUsed].map((bytes) => Math.round(bytes / 1e6));
  const perSecond = (at * 1000) / (performance.now() - started);
  console.log(
    `${at} of ${COUNT}, ${failed} failed, ${perSecond.toFixed(1)}/s, ${megabytes} MB resident, heap ${heap} MB`,
  );
}
process.exitCode = failed === 0 ? 0 : 1;
