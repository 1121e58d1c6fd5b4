import { randomBytes } from "node:crypto";
import type { ActiveFault } from "@quorate/faults";
import { FAULTS, type Nodes, type SignerFault } from "@quorate/faults";
import { Misbehaviour, type RoundFault } from "@quorate/faults/edits";
import { slownessOf } from "./faulty-node.ts";
import { endAtRound } from "./round.ts";
import { slowed } from "./stall.ts";

/** The faults of a signer as its workshop's thread has them. */
export class FaultyThread {
  readonly behaviour: Misbehaviour;
  #faults: readonly ActiveFault[] = [];

  constructor(nodes: Nodes) {
    const random = (length: number) => new Uint8Array(randomBytes(length));
    this.behaviour = new Misbehaviour({ random, nodes, reached: endAtRound });
  }

  /** Has exactly these in force. */
  set(faults: readonly ActiveFault[]): void {
    const before = new Set(this.#faults.map((one) => one.id));
    const now = new Set(faults.map((one) => one.id));
    for (const id of before) if (!now.has(id)) this.behaviour.clear(id);
    for (const { id, fault } of faults) {
      const waits = (fault.kind === "crash" || fault.kind === "pause") && fault.round !== undefined;
      if (before.has(id) || !(waits || FAULTS[fault.kind].on === "signer")) continue;
      this.behaviour.inject(id, fault as SignerFault | RoundFault);
    }
    this.#faults = faults;
  }

  around<T>(step: () => T): T {
    return slowed(slownessOf(this.#faults), step);
  }
}
