import { H, u64be } from "@quorate/curves";

/** The one place that a record belongs to. A record opened for any other place is a fault, never a value. */
export interface Binding {
  /** 32 bytes that name the network for as long as its records live. */
  readonly network: Uint8Array;
  /** The node that keeps it. */
  readonly node: string;
  /** What it is: `share`, `binding`, ... */
  readonly kind: string;
  /** Whose it is: a key id in hex, a request id, ... */
  readonly id: string;
  readonly epoch: number;
}

/** Why stored bytes cannot be used. Each is about one record; the others serve on. */
export type SealFault =
  /** Sealed under a storage key that is not ours. */
  | "wrong_storage_key"
  /** Changed since it was written. */
  | "corrupt_record"
  /** Intact, but it is the record of another place: another node, network, kind, id or epoch. */
  | "swapped_record"
  /** Too short, or of a format that this version does not know. */
  | "unknown_format";

export type Opened =
  | { readonly state: "present"; readonly value: Uint8Array }
  | { readonly state: "faulty"; readonly fault: SealFault };

/** @returns 32 bytes */
export function bindingDigest(binding: Binding): Uint8Array {
  const { network, node, kind, id, epoch } = binding;
  if (network.length !== 32) throw new Error(`a network is named by 32 bytes, not ${network.length}`);
  const text = (value: string) => new TextEncoder().encode(value);
  return H("vault/v1", "binding", network, text(node), text(kind), text(id), u64be(epoch));
}

export function faulty(fault: SealFault): Opened {
  return { state: "faulty", fault };
}
