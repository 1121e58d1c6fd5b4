import type { Event } from "./event.ts";
import type { NodeId } from "./ids.ts";

/** Names a question put to the world; the answer comes back under it, once, through `Reactor.wake`. */
export type Token = number;

/** Where a record lives. Sealed records are bound to all three members, so that none can stand in for another. */
export interface RecordKey {
  /** What it is: `share`, `certificate`, `binding`, ... */
  readonly kind: string;
  /** Whose it is: a key id in hex, a request id, ... */
  readonly id: string;
  readonly epoch: number;
}

export interface RecordWrite extends RecordKey {
  /** The bytes to keep, or `null` to delete. */
  readonly value: Uint8Array | null;
  /** Sealed at rest under the storage key. */
  readonly secret?: boolean;
  /** Groups records of a kind for `list`: for example the key that a request belongs to. */
  readonly scope?: string;
  /** Only where there is no such record yet: otherwise nothing of the batch is written, and the answer is `conflict`. */
  readonly ifAbsent?: true;
}

/** Why a record cannot be used; the others are served all the same. `unreachable`: the database could not be asked. */
export type RecordFault = "wrong_storage_key" | "corrupt_record" | "swapped_record" | "unknown_format" | "unreachable";

/** One answer of `read`: the bytes, or `absent`, or what is wrong with it. */
export type RecordRead =
  | { readonly state: "present"; readonly value: Uint8Array }
  | { readonly state: "absent" }
  | { readonly state: "faulty"; readonly fault: RecordFault };

/** Records of one kind (and scope), oldest first, after a cursor. */
export interface RecordQuery {
  readonly kind: string;
  readonly scope?: string;
  /** The `cursor` of the last record already seen. */
  readonly after?: number;
  readonly limit: number;
  /** Newest first; `after` then means older than. */
  readonly newestFirst?: boolean;
}

export type RecordListed = RecordKey & { readonly cursor: number; readonly record: RecordRead };

/** Heavy work, as plain data: only the workshop that does it knows more than this. */
export interface Job {
  readonly kind: string;
  /** Done before everything that is not: somebody waits for it. */
  readonly urgent: boolean;
}

/** `ok` means durable: it survives loss of power. `conflict`: a record that was to be absent is there. */
export type WriteResult = "ok" | "conflict" | "no_space" | "io_error";

/**
 * Everything that the core needs from outside. The same signer and coordinator run on this port over libp2p with real
 * disks, and in virtual time. No method throws for what the outside does; every answer comes back through `wake`.
 */
export interface World {
  /** Monotonic milliseconds; deadlines use this. */
  now(): number;
  /** Milliseconds since 1970; only for the expiry of authorisations and for dates that people read. */
  wallNow(): number;
  /** Wakes `token` with `undefined` once `delayMs` have passed by `now`, never earlier. */
  after(delayMs: number, token: Token): void;
  random(length: number): Uint8Array;
  /** Sends to a peer. May be lost; never throws; in order per link. */
  send(to: NodeId, bytes: Uint8Array): void;
  /** Wakes `token` with `RecordRead[]`, one per key, in order. */
  read(keys: readonly RecordKey[], token: Token): void;
  /** Wakes `token` with `RecordListed[]`. */
  list(query: RecordQuery, token: Token): void;
  /** All or nothing, in order; the values are copied before this returns. Wakes `token` with a `WriteResult` once durable; what depends on it is sent after. */
  write(batch: readonly RecordWrite[], token: Token): void;
  /** Hands a job to the workshop of this process, a thread of its own. Jobs of equal urgency are done in order. Wakes `token` with what it made. */
  compute(job: Job, token: Token): void;
  emit(event: Event): void;
}

/** What the transport knows of a peer. */
export interface PeerState {
  readonly connected: boolean;
  /** Hex; made new at each start of the peer, so that a restart shows. Absent while never connected. */
  readonly instance?: string;
  /** The shortest of recent round trips, milliseconds. Absent until measured. */
  readonly rttMs?: number;
}

/** A part of the core that lives on a `World`. All methods are synchronous and none throws for what a peer sent. */
export interface Reactor {
  start(): void;
  /** The answer to the question that was put under `token`. */
  wake(token: Token, result: unknown): void;
  /** An authenticated message from `from`, one frame of the transport. */
  receive(from: NodeId, bytes: Uint8Array): void;
  /** A peer connected, went away, restarted, or its round trip changed. */
  peer(node: NodeId, state: PeerState): void;
}
