/**
 * A day of a network of five in virtual time, a request a minute: how long it takes. Most of it is what signers tell one another every
 * second. By the CPU time of the one thread. Run: node test/bench/day.bench.ts [hours]
 */
import { Askers, cryptoOf, Simulation, topologyOf, warmDisks } from "@quorate/simulator";

/** The longest that a day may take, seconds. */
const DAY_BOUND = 120;
const MINUTE_MS = 60_000;

const hours = Number(process.argv[2] ?? 24);
const crypto = cryptoOf("model");
const simulation = new Simulation({
  ...{ seed: "day", topology: topologyOf(["virginia", "oregon", "ireland", "frankfurt", "tokyo"], 3), crypto },
  ...{ jitter: 1.5, writeMs: 1, disks: warmDisks(5, crypto) },
});
const askers = new Askers(simulation);
simulation.until(() => simulation.coordinators.every((one) => one.ready && one.organisations().length > 0), MINUTE_MS);
simulation.timeline.pass(3000);
askers.makeKeys([{ scheme: "EdDSA", curve: "ed25519" }], MINUTE_MS);
let used = 0;
for (let hour = 1; hour <= hours; hour++) {
  const before = process.threadCpuUsage();
  for (let minute = 0; minute < 60; minute++) {
    askers.ask(30_000);
    simulation.timeline.pass(MINUTE_MS);
  }
  const { user, system } = process.threadCpuUsage(before);
  used += (user + system) / 1e6;
  const heap = (process.memoryUsage().heapUsed / 1e6).toFixed(0);
  if (hour % 6 === 0 || hour === hours)
    console.log(
      `hour ${hour}: ${((user + system) / 1e6).toFixed(2)} s, heap ${heap} MB, ${simulation.trace.length} events`,
    );
}
const signed = askers.client.asked.filter(
  ({ answers: [first] }) => first !== undefined && "ok" in first && first.ok.status === "Signed",
);
console.log(
  `${hours} hours in ${used.toFixed(1)} s, wanted ${((DAY_BOUND * hours) / 24).toFixed(0)}; ${signed.length} of ${askers.client.asked.length} signed`,
);
