import { decodeSnapshot, encodeSnapshot, recordHash, snapshotDigest } from "@quorate/authority";
import { constantTimeEqual, decode, encode } from "@quorate/curves";
import { hex, type RecordRead, type RecordWrite } from "@quorate/orders";
import { logSnapshotRecord, RECORD_KINDS } from "@quorate/vault";
import { headBytes, type Log } from "./log.ts";
import { committedOf } from "./log-store.ts";
import type { LogsParts } from "./logs.ts";

/** A snapshot is taken when so many records were followed since the last. */
export const SNAPSHOT_EVERY = 1000;
/** How many records are verified again at a time behind a running signer, and how long it rests in between, milliseconds. */
const SLICE = 64;
const REST_MS = 100;

type Piece = ReturnType<typeof logSnapshotRecord.read>;
type Parts = Pick<LogsParts, "waits" | "world">;

/**
 * States of logs, sealed, from which a start goes on without judging every record again. All records are verified again afterwards,
 * slowly, while the signer works: seals keep out who can write to the disk, and this finds what they would not.
 */
export class Snapshots {
  readonly #parts: Parts;
  /** By organisation: the height of the last. */
  readonly #taken = new Map<string, number>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Puts a log where the last snapshot has it, if there is one that the stored records go with. @param then with what is to be verified */
  load(log: Log, then: () => void): void {
    this.#parts.waits.read([place(log.id, 0)], ([first]) => {
      const head = pieceOf(first!);
      if (head === undefined) return then();
      const keys = Array.from({ length: head.pieces }, (_, at) => place(log.id, at));
      const last = { kind: RECORD_KINDS.logRecord, id: log.id, epoch: head.height };
      this.#parts.waits.read([last, ...keys], ([record, ...found]) => {
        const digest = restored(log, head, record!, found);
        if (digest !== undefined) {
          this.#taken.set(log.id, log.height);
          this.#verify(log, log.empty(), { height: log.height, digest });
        }
        then();
      });
    });
  }

  /** Takes a snapshot when it is time for one. */
  keep(log: Log): void {
    const { organisation, height } = log;
    if (organisation === undefined || log.damaged || log.forked) return;
    if (height - (this.#taken.get(log.id) ?? 0) < SNAPSHOT_EVERY) return;
    this.#taken.set(log.id, height);
    const pieces = encodeSnapshot(organisation);
    const writes = pieces.map((piece, at): RecordWrite => {
      const value = encode(logSnapshotRecord, { ...headBytes(organisation.head), pieces: pieces.length, piece });
      return { ...place(log.id, at), value, scope: log.id, secret: true };
    });
    this.#parts.waits.write(writes, (result) => {
      if (result !== "ok") this.#parts.world.emit({ type: "authority.not_stored", organisation: log.id, result });
    });
  }

  #verify(log: Log, again: Log, until: { readonly height: number; readonly digest: Uint8Array }): void {
    const from = again.height + 1;
    const count = Math.min(SLICE, until.height - again.height);
    const keys = Array.from({ length: count }, (_, at) => {
      return { kind: RECORD_KINDS.logRecord, id: log.id, epoch: from + at };
    });
    this.#parts.waits.after(REST_MS, () => {
      this.#parts.waits.read(keys, (found) => {
        const problem = followedAll(again, found);
        if (problem === "unreadable") return this.#drop(log);
        if (problem === "wrong") return this.#fork(log, again.height + 1);
        if (again.height < until.height) return this.#verify(log, again, until);
        const same = constantTimeEqual(snapshotDigest(encodeSnapshot(again.organisation!)), until.digest);
        if (!same) return this.#fork(log, until.height);
        this.#parts.world.emit({ type: "authority.verified", organisation: log.id, height: until.height });
      });
    });
  }

  #fork(log: Log, height: number): void {
    log.forked = true;
    const hash = log.organisation?.head.hash ?? "";
    this.#parts.world.emit({ type: "authority.forked", organisation: log.id, height, hash });
    this.#drop(log);
  }

  /** The next start reads the records themselves, and asks the others for what is missing. */
  #drop(log: Log): void {
    this.#parts.world.emit({ type: "authority.snapshot_dropped", organisation: log.id });
    this.#parts.waits.write([{ ...place(log.id, 0), value: null, secret: true }], () => {});
  }
}

/** @returns the digest of the snapshot; `undefined`, and the log is as it was, when it is of no use */
function restored(log: Log, head: Piece, last: RecordRead, found: readonly RecordRead[]): Uint8Array | undefined {
  const record = committedOf(last);
  const pieces = found.map(pieceOf);
  const fits = (one: Piece | undefined) =>
    one?.height === head.height && one.pieces === head.pieces && hex(one.hash) === hex(head.hash);
  if (record === undefined || recordHash(record.record) !== hex(head.hash) || !pieces.every(fits)) return undefined;
  const encoded = pieces.map((one) => one!.piece);
  try {
    const organisation = decodeSnapshot(encoded);
    if (organisation.id !== log.id || organisation.head.hash !== hex(head.hash)) return undefined;
    log.restore(organisation);
    return snapshotDigest(encoded);
  } catch {
    return undefined;
  }
}

function followedAll(log: Log, found: readonly RecordRead[]): "unreadable" | "wrong" | undefined {
  for (const one of found) {
    const record = committedOf(one);
    if (record === undefined) return "unreadable";
    try {
      log.follow(record);
    } catch {
      return "wrong";
    }
  }
  return undefined;
}

function pieceOf(read: RecordRead): Piece | undefined {
  if (read.state !== "present") return undefined;
  try {
    return decode(logSnapshotRecord, read.value);
  } catch {
    return undefined;
  }
}

function place(organisation: string, piece: number) {
  return { kind: RECORD_KINDS.logSnapshot, id: organisation, epoch: piece };
}
