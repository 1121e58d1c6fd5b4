import { MAX_SIGNED_BYTES, type NodeId, type RecordWrite } from "@quorate/orders";
import { RECORD_KINDS } from "@quorate/vault";
import type { Passing } from "../observer.ts";
import type { Checker } from "./checker.ts";
import type { Said } from "./reading.ts";
import type { Scene } from "./scene.ts";
import type { Property } from "./violation.ts";

/** What the transport takes: a signed message and its envelope. */
const MAX_MESSAGE_BYTES = MAX_SIGNED_BYTES + 1024;
/** The most of a node's own verdicts against one other, and of the shares of one key: one in use, and those of runs that nobody finished. */
const MAX_VERDICTS = 32;
const MAX_SHARES = 9;
/** How many entries of its audit log a signer may add by itself in a second, at the most, and how many for each thing that it did. */
const ENTRIES_A_SECOND = 80;
const ENTRIES_EACH = 4;

/** What a signer has written. */
interface Written {
  /** Places of records that are there now, by kind and group. */
  readonly there: Map<string, Set<string>>;
  /** Entries of the audit log; and bindings and records of logs, each of which has entries of its own. */
  entries: number;
  reasons: number;
}

/**
 * A11. No honest node sends a message that the transport would not take; records that others can cause are limited for each of them;
 * and a flood of orders does not fill the audit log.
 */
export class Bounded implements Checker {
  readonly property: Property = "bounded";
  readonly #scene: Scene;
  readonly #limits: ReadonlyMap<string, number>;
  readonly #written = new Map<NodeId, Written>();
  readonly #sinceMs: number;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#sinceMs = scene.now;
    const signers = scene.file.nodes.length;
    this.#limits = new Map([
      [RECORD_KINDS.ban, signers],
      [RECORD_KINDS.pair, signers],
      [RECORD_KINDS.verdict, signers * MAX_VERDICTS],
      [RECORD_KINDS.share, MAX_SHARES],
      [RECORD_KINDS.certificate, MAX_SHARES],
      [RECORD_KINDS.halt, 1],
    ]);
  }

  sent({ from, to, bytes }: Passing, _said: Said): void {
    if (bytes.length > MAX_MESSAGE_BYTES && this.#scene.isHonest(from))
      this.#scene.report(this.property, from, `sent ${to} a message of ${bytes.length} bytes`);
  }

  stored(node: NodeId, { kind, id, epoch, value }: RecordWrite): void {
    if (this.#scene.isCoordinator(node)) return;
    const written = this.#of(node);
    if (kind === RECORD_KINDS.audit) this.#told(node, written);
    if (kind === RECORD_KINDS.binding || kind === RECORD_KINDS.logRecord) written.reasons += 1;
    const limit = this.#limits.get(kind);
    if (limit === undefined) return;
    // Shares and certificates are many because keys are; those of one key are not.
    const group = kind === RECORD_KINDS.share || kind === RECORD_KINDS.certificate ? `${kind} ${id}` : kind;
    const there = written.there.get(group) ?? new Set<string>();
    written.there.set(group, there);
    if (value === null) there.delete(`${id} ${epoch}`);
    else there.add(`${id} ${epoch}`);
    if (there.size > limit) this.#scene.report(this.property, node, `keeps ${there.size} records of ${group}`);
  }

  #told(node: NodeId, written: Written): void {
    written.entries += 1;
    const seconds = 2 + (this.#scene.now - this.#sinceMs) / 1000;
    if (written.entries > ENTRIES_A_SECOND * seconds + ENTRIES_EACH * written.reasons)
      this.#scene.report(this.property, node, `has ${written.entries} entries in its audit log after ${seconds} s`);
  }

  #of(node: NodeId): Written {
    let written = this.#written.get(node);
    if (written === undefined) {
      written = { there: new Map(), entries: 0, reasons: 0 };
      this.#written.set(node, written);
    }
    return written;
  }
}
