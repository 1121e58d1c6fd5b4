import { decodeRepair, encodeRepair, hex, type RepairStatement } from "@quorate/orders";
import type { HaltAnswer } from "./halting.ts";
import { headBytes } from "./log.ts";
import { repairWrites } from "./log-store.ts";
import type { Logs, LogsParts } from "./logs.ts";

/** What became of a repair; `committed`: there is nothing to repair at that height any more. */
export type RepairAnswer = HaltAnswer | "committed";

/** Lets go, at the word of enough operators, of what was countersigned at a height of a log that is stuck. */
export class Repairing {
  readonly #parts: LogsParts & { readonly logs: Logs };
  /** Called when the others are to be told. */
  changed: (organisation: string) => void = () => {};

  constructor(parts: LogsParts & { readonly logs: Logs }) {
    this.#parts = parts;
  }

  /** From now on no other record is taken at that height, however old the one that is; `then` once that is durable. */
  repair(told: RepairStatement, then: (answer: RepairAnswer) => void): void {
    const { audit, logs, world } = this.#parts;
    const statement = decodeRepair(encodeRepair(told)); // a copy: what comes from a message is a view of it
    const { organisation, height, hash, time } = statement.repair;
    const log = logs.find(organisation);
    if (log === undefined) return then("refused");
    if (height <= log.height) return then("committed");
    const known = log.repair?.repair;
    if (known !== undefined && (known.height > height || (known.height === height && known.time >= time)))
      return then("known");
    const { taken } = log;
    if (!log.decide(statement, log.released)) return then("refused");
    const released =
      taken === undefined || taken === "unreadable" || taken === log.taken ? null : headBytes(taken.head).hash;
    const action = { kind: "repaired", organisation, height, hash, released } as const;
    world.emit({ type: "authority.repaired", organisation, height, hash: hex(hash) });
    audit.write(repairWrites(log, statement), action, (result) => {
      this.changed(organisation);
      then(result === "ok" ? "taken" : "not_stored");
    });
  }
}
