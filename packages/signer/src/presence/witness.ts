import { decode, encode } from "@quorate/curves";
import {
  comparePresence,
  type NodeId,
  type PresenceStatement,
  presenceStatement,
  provesClone,
  type RecordRead,
  type Waits,
} from "@quorate/orders";
import { RECORD_KINDS, witnessRecord } from "@quorate/vault";

/** What is remembered of another signer. */
interface Memory {
  /** What it said last of where it stands. */
  readonly statement: PresenceStatement | undefined;
  /** Two presences of it that two processes said. */
  readonly proof: readonly [PresenceStatement, PresenceStatement] | undefined;
  /** Proofs about lives up to this one count no more. */
  readonly settled: number;
}

/** What a presence that was heard is beside the one that is remembered. */
export type Noted = "settled" | "life" | "later" | "earlier" | "clone";

const NOTHING: Memory = { statement: undefined, proof: undefined, settled: 0 };

/** What this signer remembers of the others, for the day on which one of them has lost it: one record each, durable. */
export class Witness {
  readonly #waits: Waits;
  readonly #networkHash: Uint8Array;
  readonly #others: readonly NodeId[];
  readonly #memories = new Map<NodeId, Memory>();
  /** Whose record is on its way to disk, and whether there is a newer one by then. */
  readonly #writing = new Map<NodeId, boolean>();

  constructor(waits: Waits, networkHash: Uint8Array, others: readonly NodeId[]) {
    this.#waits = waits;
    this.#networkHash = networkHash;
    this.#others = others;
  }

  /** A record that cannot be read is none: other peers remember too. */
  load(then: () => void): void {
    this.#waits.read(this.#others.map(place), (records) => {
      for (const [at, node] of this.#others.entries()) {
        const memory = memoryOf(records[at]);
        if (memory !== undefined) this.#memories.set(node, memory);
      }
      then();
    });
  }

  of(node: NodeId): Memory {
    return this.#memories.get(node) ?? NOTHING;
  }

  /** Remembers what a signer said, if it is later than what it said before. @param statement verified */
  note(node: NodeId, statement: PresenceStatement): Noted {
    const memory = this.of(node);
    const before = memory.statement?.presence;
    const { presence } = statement;
    if (before === undefined) return this.#keep(node, { ...memory, statement }, "life");
    if (provesClone(this.#networkHash, node, before, presence)) return "clone";
    const order = comparePresence(presence, before);
    if (order < 0) return "earlier";
    if (presence.incarnation > before.incarnation) return this.#keep(node, { ...memory, statement }, "life");
    return this.#keep(node, { ...memory, statement }, "later");
  }

  /** Remembers two verified presences of a signer. @returns whether they prove what was neither known nor settled */
  prove(node: NodeId, one: PresenceStatement, other: PresenceStatement): boolean {
    const memory = this.of(node);
    const latest = Math.max(one.presence.incarnation, other.presence.incarnation);
    if (memory.proof !== undefined || latest <= memory.settled) return false;
    if (!provesClone(this.#networkHash, node, one.presence, other.presence)) return false;
    this.#keep(node, { ...memory, proof: [one, other] }, "clone");
    return true;
  }

  /** A person decides that the signer is to be worked with again. */
  settle(node: NodeId): void {
    const { statement, proof, settled } = this.of(node);
    if (proof === undefined) return;
    const lives = proof.map((one) => one.presence.incarnation);
    this.#keep(node, { statement, proof: undefined, settled: Math.max(settled, ...lives) }, "settled");
  }

  #keep(node: NodeId, memory: Memory, noted: Noted): Noted {
    this.#memories.set(node, memory);
    this.#store(node);
    return noted;
  }

  #store(node: NodeId): void {
    if (this.#writing.has(node)) {
      this.#writing.set(node, true);
      return;
    }
    this.#writing.set(node, false);
    const { statement, proof = [], settled } = this.of(node);
    const value = encode(witnessRecord, {
      statement: statement === undefined ? new Uint8Array() : encode(presenceStatement, statement),
      proof: proof.map((one) => encode(presenceStatement, one)),
      settled,
    });
    this.#waits.write([{ ...place(node), value }], () => {
      const isOld = this.#writing.get(node) === true;
      this.#writing.delete(node);
      if (isOld) this.#store(node);
    });
  }
}

function place(node: NodeId) {
  return { kind: RECORD_KINDS.witness, id: node, epoch: 0 };
}

function memoryOf(record: RecordRead | undefined): Memory | undefined {
  if (record?.state !== "present") return undefined;
  try {
    const { statement, proof, settled } = decode(witnessRecord, record.value.slice());
    const [one, other] = proof.map((encoded) => decode(presenceStatement, encoded.slice()));
    return {
      statement: statement.length === 0 ? undefined : decode(presenceStatement, statement.slice()),
      proof: one === undefined || other === undefined ? undefined : [one, other],
      settled,
    };
  } catch {
    return undefined;
  }
}
