import type { KeyRecord, Result } from "@quorate/coordinator";
import { InputError } from "@quorate/orders";
import type { Chance } from "./chance.ts";
import { type Asking, Client } from "./client.ts";
import type { Workload } from "./scenario.ts";
import type { Simulation } from "./simulation.ts";

/** How often an asker without an answer looks whether it should ask again, milliseconds. */
const LOOK_MS = 1000;

/** Faults that wait for an event may keep a network from what comes before the first request. */
export function tooEarly(problem: string): InputError {
  const hint = "have faults begin later: keys are made before the first request";
  return new InputError("quorum_unavailable", problem, { hint });
}

/** Applications that ask for signatures: each request under an external id, again after a crash of the coordinator that had it. */
export class Askers {
  readonly client: Client;
  readonly keys: KeyRecord[] = [];
  readonly #simulation: Simulation;
  readonly #chance: Chance;
  #count = 0;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#chance = simulation.chance.fork("askers");
    this.client = new Client(simulation);
  }

  /** Has the keys made, one after another. @throws InputError when one is not */
  makeKeys(wanted: Workload["keys"], boundMs: number): void {
    for (const { scheme, curve } of wanted) {
      let result: Result<KeyRecord> | undefined;
      this.client.createKey(scheme, curve, (made) => {
        result = made;
      });
      const done = this.#simulation.until(() => result !== undefined, boundMs);
      if (!done || result === undefined) throw tooEarly(`no ${scheme} key within ${boundMs} ms`);
      if ("error" in result) throw result.error;
      this.keys.push(result.ok);
    }
  }

  /** Plans the requests, and the keys that are made meanwhile: whether those come to be depends on the weather. */
  plan({ requests, overMs, timesMs, deadlineMs, duplicates, keys, keysMeanwhile = 0 }: Workload): void {
    for (let at = 0; at < keysMeanwhile; at++) {
      const { scheme, curve } = this.#chance.pick(keys);
      this.#simulation.timeline.after(this.#chance.between(0, overMs), () => {
        if (this.#simulation.coordinators.length > 0) this.client.createKey(scheme, curve, () => {});
      });
    }
    for (let at = 0; at < requests; at++) {
      const delayMs = timesMs?.[at] ?? this.#chance.between(0, overMs);
      const again = this.#chance.happens(duplicates) ? this.#chance.between(0, 3000) : undefined;
      this.#simulation.timeline.after(delayMs, () => this.ask(deadlineMs, again));
    }
  }

  /** Asks for one signature with some key. @param againMs after how long a second copy is sent; none unless said */
  ask(deadlineMs: number, againMs?: number): Asking {
    const key = this.#chance.pick(this.keys);
    const body = { ...this.#wanted(key), externalId: `request-${this.#count++}` };
    const asking = this.client.ask(key, body, deadlineMs);
    if (againMs !== undefined) this.#simulation.timeline.after(againMs, () => this.client.repeat(asking));
    this.#look(asking);
    return asking;
  }

  /** Something that a key of its kind can sign: where both are possible, by its hash or by its message, which takes other rounds. */
  #wanted({ suite }: KeyRecord): Readonly<Record<string, unknown>> {
    const hex = (length: number) => `0x${Buffer.from(this.#chance.bytes(length)).toString("hex")}`;
    if (suite === "ed25519") return { kind: "Message", message: hex(8) };
    const byHash = suite === "taproot" || this.#chance.happens(0.3);
    const tweak = suite === "taproot" ? { taprootMerkleRoot: "" } : {};
    if (byHash) return { kind: "Hash", hash: hex(32), ...tweak };
    return { kind: "Message", blockchainKind: "Evm", message: hex(8) };
  }

  #look(asking: Asking): void {
    this.#simulation.timeline.after(LOOK_MS, () => {
      if (asking.endedMs !== undefined) return;
      this.client.insist(asking);
      this.#look(asking);
    });
  }
}
