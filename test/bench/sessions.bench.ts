/**
 * Signing sessions a second in virtual time, the whole path of each: the user's assertion, the coordinator, three signers' checks of the
 * authority, signature shares, aggregation, verification; with ECDSA the making of presignatures too. By the CPU time of the one thread, so
 * that other programs on the machine count for less. Run: node test/bench/sessions.bench.ts [EdDSA|ECDSA] [fast|model] [sessions]
 */
import type { Backend } from "@quorate/curves";
import { VirtualNetwork } from "../support/virtual-network.ts";

type Scheme = "EdDSA" | "ECDSA";

/** What is wanted of one core, sessions a second. */
const FLOORS = { EdDSA: { fast: 15, model: 500 }, ECDSA: { fast: 5, model: undefined } } as const;

function measure(scheme: Scheme, backend: keyof (typeof FLOORS)[Scheme] & Backend, sessions: number): void {
  const network = new VirtualNetwork({ pairs: scheme === "ECDSA" ? "made" : "none", backend });
  const key = network.madeKey(scheme);
  const chain = scheme === "ECDSA" ? { blockchainKind: "Evm" } : {};
  const sign = (from: number, count: number) => {
    for (let n = from; n < from + count; n++) {
      const message = `0x${n.toString(16).padStart(8, "0")}`;
      const result = network.sign(key, { kind: "Message", message, ...chain });
      if (!("ok" in result) || result.ok.status !== "Signed") throw new Error(JSON.stringify(result));
      network.traffic.length = 0;
      network.events.length = 0;
      network.drawn.clear();
    }
  };
  sign(0, Math.ceil(sessions / 5)); // until the code is compiled
  const before = process.threadCpuUsage();
  sign(sessions, sessions);
  const { user, system } = process.threadCpuUsage(before);
  const floor = FLOORS[scheme][backend];
  const rate = ((1e6 * sessions) / (user + system)).toFixed(1).padStart(7);
  console.log(
    `${scheme} ${backend.padEnd(5)} ${rate} sessions a second${floor === undefined ? "" : `, wanted ${floor}`}`,
  );
}

const [scheme, backend, sessions] = process.argv.slice(2);
for (const each of ["EdDSA", "ECDSA"] as const)
  for (const by of ["fast", "model"] as const)
    if ((scheme ?? each) === each && (backend ?? by) === by)
      measure(each, by, Number(sessions ?? (by === "model" ? 1000 : 100)));
