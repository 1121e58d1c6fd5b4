import { hex, type NodeId, type RecordRead, verifyAuditChain } from "@quorate/orders";
import { RECORD_KINDS } from "@quorate/vault";
import { digestOf } from "./burn-before-speak.ts";
import type { Checker, Speech } from "./checker.ts";
import type { Scene } from "./scene.ts";
import type { Property } from "./violation.ts";

/**
 * A13. At the end the audit log of each honest signer is a chain, and names everything that it sent shares for. A disk that was
 * damaged or set back shows it: there the chain is looked at and no more.
 */
export class AuditChain implements Checker {
  readonly property: Property = "audit-chain";
  readonly #scene: Scene;
  /** What each signer answered: digests of orders. */
  readonly #answered = new Map<NodeId, Set<string>>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  spoke({ node, orders }: Speech): void {
    const [order] = orders;
    if (order === undefined || orders.length > 1 || order.authority === null) return;
    const answered = this.#answered.get(node) ?? new Set<string>();
    this.#answered.set(node, answered.add(hex(digestOf(order))));
  }

  finish(): void {
    for (const node of this.#scene.honestSigners) {
      const { disk } = this.#scene.machine(node);
      const places = disk.places(RECORD_KINDS.audit).toSorted((a, b) => a.epoch - b.epoch);
      const records = places.map((one) => disk.read(one));
      if (records.every(isPresent)) this.#check(node, records, disk.setBack);
    }
  }

  #check(node: NodeId, records: readonly Extract<RecordRead, { state: "present" }>[], setBack: boolean): void {
    try {
      const { entries } = verifyAuditChain(records.map((one) => one.value));
      if (setBack) return;
      const told = new Set(entries.flatMap(({ action }) => (action.kind === "answered" ? [hex(action.digest)] : [])));
      const untold = [...(this.#answered.get(node) ?? [])].filter((one) => !told.has(one));
      if (untold.length > 0) this.#report(node, `does not tell of ${untold.length} answers, such as ${untold[0]}`);
    } catch (error) {
      this.#report(node, (error as Error).message);
    }
  }

  #report(node: NodeId, text: string): void {
    this.#scene.report(this.property, node, text);
  }
}

function isPresent(record: RecordRead): record is Extract<RecordRead, { state: "present" }> {
  return record.state === "present";
}
