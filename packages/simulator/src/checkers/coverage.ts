import { type Event, hex, type NodeId, type Order } from "@quorate/orders";
import type { Passing } from "../observer.ts";
import type { Answer, Watcher } from "./checker.ts";
import type { Said } from "./reading.ts";

const ROUNDS = { key: 4, presigning: 3 } as const;
type Kind = keyof typeof ROUNDS | "pairing" | "signing";

/** What should happen now and then, or the runs try too little: counted over many of them. */
export const COVERED: readonly string[] = [
  "quorum replaced in the middle",
  "pool empty, then refilled",
  ...places("restart"),
  ...places("verdict"),
  "rollback detected",
  "request expired",
  "duplicate delivered",
  "delivered out of order",
  "message parked, then used",
  "halted in the middle",
];

/** How often each was seen. */
export type Counts = Readonly<Record<string, number>>;

/** All of several runs together. */
export function merged(runs: Iterable<Counts>): Counts {
  const sum: Record<string, number> = {};
  for (const counts of runs) for (const [what, count] of Object.entries(counts)) sum[what] = (sum[what] ?? 0) + count;
  return sum;
}

/** What was never seen. */
export function missing(counts: Counts): readonly string[] {
  return COVERED.filter((what) => (counts[what] ?? 0) === 0);
}

/** A session of a node, as its frames show it. */
interface Open {
  readonly kind: Kind;
  round: number;
}

/** Counts what should happen now and then. */
export class Coverage implements Watcher {
  readonly counts: Record<string, number> = {};
  /** What an execution is for. */
  readonly #kinds = new Map<string, Kind>();
  /** By node, then execution: what has not ended there. */
  readonly #open = new Map<NodeId, Map<string, Open>>();
  /** By node and execution: frames that came before the order. */
  readonly #parked = new Set<string>();
  readonly #ordered = new Set<string>();
  /** Signing sets by request. */
  readonly #sets = new Map<string, string>();
  /** Pools that ran empty. */
  readonly #empty = new Set<string>();
  readonly #seen = new WeakSet<Uint8Array>();
  readonly #sequence = new WeakMap<Uint8Array, number>();
  /** The number of the latest message that arrived on a line. */
  readonly #latest = new Map<string, number>();
  #sent = 0;

  sent(message: Passing, said: Said): void {
    this.#sequence.set(message.bytes, this.#sent++);
    if (said.type === "order") this.#ordering(said.order);
    else if (said.type === "outcome" && "executionId" in said.outcome)
      this.#open.get(message.from)?.delete(hex(said.outcome.executionId));
    else if (said.type === "peer") {
      if (said.message.kind === "pairBegin") this.#kinds.set(hex(said.message.executionId), "pairing");
      if (said.message.kind === "frame") this.#frame(message.from, said.message.frame);
    }
  }

  delivered({ from, to, bytes }: Passing, said: Said): void {
    if (this.#seen.has(bytes)) this.#count("duplicate delivered");
    this.#seen.add(bytes);
    const [line, number] = [`${from} ${to}`, this.#sequence.get(bytes)];
    if (number !== undefined) {
      const latest = this.#latest.get(line) ?? number;
      if (number < latest) this.#count("delivered out of order");
      this.#latest.set(line, Math.max(number, latest));
    }
    if (said.type === "order" && "executionId" in said.order) this.#began(to, hex(said.order.executionId));
    if (said.type !== "peer") return;
    if (said.message.kind === "pairBegin") this.#began(to, hex(said.message.executionId));
    if (said.message.kind === "frame") this.#arrived(to, hex(said.message.frame.subarray(0, 16)));
    if (said.message.kind === "halt") this.#halted(to);
  }

  event(node: NodeId, event: Event): void {
    const { type, execution, culprits } = event;
    if (type === "session.aborted") this.#aborted(node, String(execution), (culprits as readonly number[]).length > 0);
    else if (type === "verdict.kept" && event.kind === "pair") this.#count(placed("verdict", "pairing", 0));
    else if (type === "signer.blamed") this.#count("verdict in signing");
    else if (type === "signer.rollback_detected") this.#count("rollback detected");
    else if (type === "signer.halted") this.#halted(node);
    else if (type === "presignatures.level") this.#level(event);
    else if (type === "peer.banned") this.#banned(node);
  }

  crashed(node: NodeId): void {
    for (const { kind, round } of this.#open.get(node)?.values() ?? []) this.#count(placed("restart", kind, round));
    this.#open.delete(node);
  }

  answered({ result }: Answer): void {
    const reason = "ok" in result ? result.ok.reason : result.error.message;
    if (reason?.includes("expired") === true) this.#count("request expired");
  }

  #ordering(order: Order): void {
    if (!("executionId" in order)) return;
    const { kind } = order;
    const execution = hex(order.executionId);
    if (kind === "keygen" || kind === "refresh" || kind === "import") this.#kinds.set(execution, "key");
    if (kind === "presign") this.#kinds.set(execution, "presigning");
    if (kind === "signInteractive") this.#kinds.set(execution, "signing");
    if (kind === "sign") this.#asked(order.requestId, (order.commitments[0] ?? []).map((one) => one.identifier).join());
    if (kind === "signInteractive") this.#asked(order.requestId, order.signers.join());
  }

  #asked(request: string, set: string): void {
    const before = this.#sets.get(request) ?? set;
    if (before !== set) this.#count("quorum replaced in the middle");
    this.#sets.set(request, set);
  }

  #frame(node: NodeId, frame: Uint8Array): void {
    const execution = hex(frame.subarray(0, 16));
    const kind = this.#kinds.get(execution);
    const round = frame[16] ?? 0;
    if (kind === undefined) return;
    const sessions = this.#open.get(node) ?? new Map<string, Open>();
    this.#open.set(node, sessions);
    const open = sessions.get(execution);
    if (open !== undefined) open.round = Math.max(open.round, round);
    else if (round === 1 || kind === "pairing") sessions.set(execution, { kind, round });
  }

  #began(node: NodeId, execution: string): void {
    const place = `${node} ${execution}`;
    this.#ordered.add(place);
    if (this.#parked.delete(place)) this.#count("message parked, then used");
  }

  #arrived(node: NodeId, execution: string): void {
    const place = `${node} ${execution}`;
    if (!this.#ordered.has(place)) this.#parked.add(place);
  }

  #aborted(node: NodeId, execution: string, isVerdict: boolean): void {
    const open = this.#open.get(node)?.get(execution);
    if (open !== undefined && isVerdict) this.#count(placed("verdict", open.kind, open.round));
    this.#open.get(node)?.delete(execution);
  }

  #banned(node: NodeId): void {
    const kinds = [...(this.#open.get(node)?.values() ?? [])];
    for (const { kind, round } of kinds) if (kind === "presigning") this.#count(placed("verdict", kind, round));
    if (kinds.some(({ kind }) => kind === "pairing")) this.#count(placed("verdict", "pairing", 0));
  }

  #halted(node: NodeId): void {
    if ((this.#open.get(node)?.size ?? 0) > 0) this.#count("halted in the middle");
  }

  #level({ level, ...where }: Event): void {
    const pool = JSON.stringify(where);
    if (level === 0) this.#empty.add(pool);
    else if (this.#empty.delete(pool)) this.#count("pool empty, then refilled");
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }
}

function places(what: "restart" | "verdict"): readonly string[] {
  const rounds = Object.entries(ROUNDS).flatMap(([kind, count]) => {
    return Array.from({ length: count }, (_, at) => placed(what, kind as Kind, at + 1));
  });
  return [...rounds, placed(what, "pairing", 0), placed(what, "signing", 0)];
}

function placed(what: "restart" | "verdict", kind: Kind, round: number): string {
  return kind in ROUNDS ? `${what} in round ${round} of ${kind}` : `${what} in ${kind}`;
}
