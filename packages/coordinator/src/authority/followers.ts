import type { Head } from "@quorate/authority";
import { type CommittedRecord, MAX_COMMITTED, type NodeId, type OrderOf, type World } from "@quorate/orders";
import { type LogStore, UnreadableLog } from "./log-store.ts";

/** The most bytes of records in one order. */
const PIECE_BYTES = 1 << 19;
/** A signer that did not get on is given the same records again after this, milliseconds. */
const AGAIN_MS = 1000;

/** What a log is carried to the signers with. */
export interface FollowersParts {
  readonly world: World;
  readonly store: LogStore;
  readonly organisation: string;
  /** The first record. */
  readonly genesis: CommittedRecord;
  readonly send: (to: NodeId, order: OrderOf<"commit">) => void;
}

/** How far each signer follows a log, as it says itself; and the records that it lacks, a piece at a time, each on its word that it has the last. */
export class Followers {
  readonly #parts: FollowersParts;
  readonly #heads = new Map<NodeId, Head>();
  readonly #given = new Map<NodeId, { readonly from: number; readonly atMs: number }>();

  constructor(parts: FollowersParts) {
    this.#parts = parts;
  }

  /** Where the log ends at a signer; `undefined` where it has not begun. */
  at(node: NodeId): Head | undefined {
    return this.#heads.get(node);
  }

  /** A signer says where the log ends there. */
  said(node: NodeId, head: Head | undefined): void {
    if (head === undefined) this.#heads.delete(node);
    else this.#heads.set(node, head);
  }

  /** A signer is gone; when it comes back it says where it is. */
  lost(node: NodeId): void {
    this.#heads.delete(node);
    this.#given.delete(node);
  }

  /** Gives a signer the next records that it lacks, up to a height. */
  carry(node: NodeId, height: number): void {
    const from = (this.at(node)?.height ?? -1) + 1;
    const nowMs = this.#parts.world.now();
    const before = this.#given.get(node);
    if (from > height || (before?.from === from && nowMs - before.atMs < AGAIN_MS)) return;
    this.#given.set(node, { from, atMs: nowMs });
    const { organisation, genesis, store, send, world } = this.#parts;
    const first = from === 0 ? [genesis] : [];
    store.read(Math.max(1, from), MAX_COMMITTED - first.length, (read) => {
      if (read instanceof UnreadableLog) return world.emit({ type: "log.unreadable", detail: read.message });
      send(node, { kind: "commit", organisation, records: piece([...first, ...read]) });
    });
  }
}

/** As many of the first records as fit one order: at least one. */
function piece(records: readonly CommittedRecord[]): CommittedRecord[] {
  let bytes = 0;
  return records.filter((one, at) => {
    bytes += one.record.length + 128 * one.signatures.length;
    return at === 0 || bytes <= PIECE_BYTES;
  });
}
