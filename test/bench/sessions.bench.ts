/**
 * Signing sessions a second of real time in virtual time, whole path: the user's assertion, the coordinator, three signers' checks of the
 * authority, signature shares, aggregation, verification. Run: node test/bench/sessions.bench.ts
 */
import type { Backend } from "@quorate/curves";
import { VirtualNetwork } from "../support/virtual-network.ts";

const MESSAGE = { kind: "Message", message: "0x00" };

function measure(scheme: "EdDSA" | "ECDSA", backend: Backend, sessions: number): void {
  const begun = performance.now();
  const pairs = scheme === "ECDSA" ? "made" : "none";
  const network = new VirtualNetwork({ signers: 5, minSigners: 3, pairs, backend });
  const ready = performance.now();
  const key = network.madeKey(scheme);
  const made = performance.now();
  const body = (n: number) => ({
    ...MESSAGE,
    message: `0x${n.toString(16).padStart(8, "0")}`,
    ...(scheme === "ECDSA" ? { blockchainKind: "Evm" } : {}),
  });
  const forms = new Map<string, number>();
  const run = (from: number, count: number) => {
    for (let n = from; n < from + count; n++) {
      const result = network.sign(key, body(n));
      if (!("ok" in result) || result.ok.status !== "Signed") throw new Error(JSON.stringify(result));
      const form = result.ok.attempts.at(-1)!.form;
      forms.set(form, (forms.get(form) ?? 0) + 1);
      network.traffic.length = 0;
      network.events.length = 0;
      network.drawn.clear();
    }
  };
  run(0, Math.ceil(sessions / 10));
  const start = performance.now();
  const cpu = process.cpuUsage();
  run(1_000_000, sessions);
  const spent = process.cpuUsage(cpu);
  const perCpuSecond = (1e6 * sessions) / (spent.user + spent.system);
  const perSecond = (1000 * sessions) / (performance.now() - start);
  console.log(
    `${scheme} ${backend}: network ${(ready - begun).toFixed(0)} ms, key ${(made - ready).toFixed(0)} ms, ${perSecond.toFixed(1)} sessions/s, ${perCpuSecond.toFixed(1)} per second of CPU`,
    Object.fromEntries(forms),
  );
}
const [scheme = "EdDSA", backend = "fast", count = "200"] = process.argv.slice(2);
measure(scheme as "EdDSA", backend as Backend, Number(count));
