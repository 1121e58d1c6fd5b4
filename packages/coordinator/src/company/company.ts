import type { NodeId, Waits, World } from "@quorate/orders";

/** Where each coordinator says that it lives: bytes that change as long as it does. */
const LEASE = "lease";
/** A coordinator says that it lives, and looks after the others, this often; whoever has said nothing for the longer time is gone. Milliseconds. */
const BEAT_MS = 1000;
const GONE_MS = 5000;

/** What a coordinator does for the others on its database. */
export interface CompanyParts {
  readonly world: World;
  readonly waits: Waits;
  readonly self: NodeId;
  /** The other coordinators of the network file. */
  readonly others: readonly NodeId[];
  /** At each beat: read what the others may have written. */
  readonly look: () => void;
  /** At each beat at which some are gone: take up what they left. */
  readonly gone: (isGone: (node: NodeId) => boolean) => void;
}

/** When a lease changed last, as far as this coordinator saw, by its own clock: no two clocks are compared. */
interface Seen {
  readonly lease: string;
  readonly atMs: number;
}

/**
 * Several coordinators on one database. Each says again and again that it lives; what one that has fallen silent left open is taken up by the
 * others. One that was only slow loses nothing: a request that two of them bring to the signers is one authorisation, answered with one digest.
 */
export class Company {
  readonly #parts: CompanyParts;
  readonly #seen = new Map<NodeId, Seen>();
  readonly #gone = new Set<NodeId>();

  constructor(parts: CompanyParts) {
    this.#parts = parts;
  }

  /** Does nothing where there are no others. */
  start(): void {
    if (this.#parts.others.length > 0) this.#beat();
  }

  #beat(): void {
    const { world, waits, self } = this.#parts;
    const lease = { kind: LEASE, id: self, epoch: 0, value: world.random(16) };
    waits.write([lease], (result) => {
      if (result !== "ok") world.emit({ type: "lease.not_renewed", result });
    });
    this.#watch();
    waits.after(BEAT_MS, () => this.#beat());
  }

  #watch(): void {
    const { world, waits, others, look, gone } = this.#parts;
    waits.read(
      others.map((id) => ({ kind: LEASE, id, epoch: 0 })),
      (leases) => {
        const nowMs = world.now();
        for (const [at, one] of leases.entries()) {
          if (one.state === "faulty") continue; // whether it lives cannot be told
          this.#saw(others[at]!, one.state === "absent" ? "" : Buffer.from(one.value).toString("hex"), nowMs);
        }
        look();
        if (this.#gone.size > 0) gone((node) => this.#gone.has(node));
      },
    );
  }

  #saw(node: NodeId, lease: string, nowMs: number): void {
    const before = this.#seen.get(node);
    if (before?.lease !== lease) {
      this.#seen.set(node, { lease, atMs: nowMs });
      if (this.#gone.delete(node)) this.#parts.world.emit({ type: "coordinator.back", peer: node });
    } else if (nowMs - before.atMs >= GONE_MS && !this.#gone.has(node)) {
      this.#gone.add(node);
      this.#parts.world.emit({ type: "coordinator.gone", peer: node });
    }
  }
}
