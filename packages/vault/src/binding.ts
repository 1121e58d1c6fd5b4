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

/** The binding as arguments of a hash. JSON of a fixed list: no two places have the same text. */
export function bindingParts({ network, node, kind, id, epoch }: Binding): [Uint8Array, Uint8Array] {
  if (network.length !== 32) throw new Error(`a network is named by 32 bytes, not ${network.length}`);
  return [network, Buffer.from(JSON.stringify([node, kind, id, epoch]))];
}

export function faulty(fault: SealFault): Opened {
  return { state: "faulty", fault };
}
