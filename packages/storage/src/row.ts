import type { RecordKey, RecordRead } from "@quorate/orders";
import { type Binding, open, type Random, SEALED_KINDS, type StorageKey, seal, stamp, unstamp } from "@quorate/vault";

/** The longest value of a record, bytes. */
export const MAX_RECORD_BYTES: number = 1 << 24;

/** Whose records these are, and what protects them. */
export interface Protection {
  /** 32 bytes that name the network for as long as the records live: under another value each of them is a swapped one. */
  readonly networkHash: Uint8Array;
  readonly node: string;
  readonly random: Random;
  /** Kinds that exist sealed or not at all; by default those of the vault. */
  readonly sealedKinds?: ReadonlySet<string>;
}

/** A record as it lies in the database. */
export interface Row {
  /** 1 or 0. */
  readonly sealed: number;
  readonly value: Uint8Array;
}

/** @throws Error for a record that can never be written: too long, no epoch, or secret without a key to seal it */
export function closeRow(
  by: Protection,
  storageKey: StorageKey | undefined,
  key: RecordKey,
  value: Uint8Array,
  secret: boolean,
): Row {
  const name = `record ${key.kind}/${key.id}/${key.epoch}`;
  if (!Number.isSafeInteger(key.epoch) || key.epoch < 0) throw new Error(`${name}: not an epoch`);
  if (value.length > MAX_RECORD_BYTES) throw new Error(`${name}: ${value.length} bytes, at most ${MAX_RECORD_BYTES}`);
  if (!secret && !mustBeSealed(by, key)) return { sealed: 0, value: stamp(bindingOf(by, key), value) };
  if (storageKey === undefined) throw new Error(`${name} is secret, and there is no storage key`);
  return { sealed: 1, value: seal(storageKey, bindingOf(by, key), value, by.random) };
}

/** The value of a row, or what is wrong with it. Never throws for what the row holds. */
export function openRow(
  by: Protection,
  storageKey: StorageKey | undefined,
  key: RecordKey,
  row: { readonly sealed?: unknown; readonly value?: unknown },
): RecordRead {
  const value = row.value instanceof Uint8Array ? row.value : new Uint8Array();
  // The flag lies beside the record: whoever can write to the disk could say "not sealed" and put a share of their own.
  if (row.sealed !== 1 && !mustBeSealed(by, key)) return unstamp(bindingOf(by, key), value);
  if (storageKey === undefined) return { state: "faulty", fault: "wrong_storage_key" };
  return open(storageKey, bindingOf(by, key), value);
}

function mustBeSealed(by: Protection, key: RecordKey): boolean {
  return (by.sealedKinds ?? SEALED_KINDS).has(key.kind);
}

function bindingOf(by: Protection, { kind, id, epoch }: RecordKey): Binding {
  return { network: by.networkHash, node: by.node, kind, id, epoch };
}
