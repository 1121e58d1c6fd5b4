import { bytes, type Codec, fixed, list, nullable, struct, text, u8, u64, type Value } from "@quorate/curves";

/** The kinds of record that a signer keeps. */
export const RECORD_KINDS = {
  /** A key share, in the codec of `keygen`. Sealed. */
  share: "share",
  /** The n-of-n certificate of a key. Public, signed by all. */
  certificate: "certificate",
  /** What an authorisation was bound to. */
  binding: "binding",
  /** Who was found guilty of what. */
  verdict: "verdict",
  /** The setup of a pair, in the codec of `dkls23`. Sealed. */
  pair: "pair",
  /** A peer that is not worked with until a person readmits it. */
  ban: "ban",
  /** The scalar that opens shares of imported keys, 32 bytes. Sealed. */
  encryption: "encryption",
  /** A key of which this signer has given its share away. */
  exported: "exported",
  /** A committed record of an organisation's log; the height as its epoch. */
  logRecord: "log-record",
  /** The one record countersigned at the next height of a log. */
  countersigned: "countersigned",
  /** A proposed record that only takes away, in force until its height is decided. */
  pending: "pending",
  /** Two records that the coordinator proposed for one height. */
  equivocation: "equivocation",
  /** For which key of an organisation a share was made. */
  origin: "origin",
  /** An entry of the audit log; its place in the chain as its epoch. */
  audit: "audit",
  /** The statement under which this signer is halted. */
  halt: "halt",
  /** What the committed records of a log come to, in pieces; the piece's number as its epoch. Sealed: a start believes it. */
  logSnapshot: "log-snapshot",
  /** Which record operators want at a height of a log that was stuck. */
  repair: "repair",
  /** The number of this signer's life, and what it knows of lives that it lost. */
  incarnation: "incarnation",
  /** What another signer said last of where it stands. */
  witness: "witness",
} as const;

/** Kinds that exist sealed or not at all: an unsealed record of them is a fault, or sealing could be undone by whoever can write to the disk. */
export const SEALED_KINDS: ReadonlySet<string> = new Set([
  RECORD_KINDS.share,
  RECORD_KINDS.pair,
  RECORD_KINDS.encryption,
  RECORD_KINDS.logSnapshot,
]);

/**
 * `inner` behind one byte that says which format this is.
 *
 * @throws DecodeError at another format, so that a later version can tell an old record from a broken one
 */
export function versioned<T>(format: number, inner: Codec<T>): Codec<T> {
  return {
    write(out, value) {
      u8.write(out, format);
      inner.write(out, value);
    },
    read(from) {
      const found = from.uint(1);
      if (found !== format) from.fail(`format ${found}, known is ${format}`);
      return inner.read(from);
    },
  };
}

/** An authorisation is good for this one digest until its deadline, whatever else is asked under it. */
export const bindingRecord = versioned(
  2,
  struct({
    /** Hash of what was authorised. */
    digest: fixed(32),
    /** Milliseconds since 1970. */
    deadline: u64,
    /** Until then somebody could ask for something else under it: kept for so long. */
    until: u64,
  }),
);
export type BindingRecord = Value<typeof bindingRecord>;

/** A node that this signer itself found guilty, with what proves it to others. */
export const verdictRecord = versioned(
  2,
  struct({
    /** Names what was done. */
    id: text(16),
    /** Milliseconds since 1970. */
    at: u64,
    /** The kind of run. */
    kind: text(16),
    /** The abort's code, such as `bad_share`. */
    code: text(64),
    /** Its name in the network file. */
    accused: text(64),
    /** Of the key that was used; `null` where there was none yet. */
    keyId: nullable(fixed(32)),
    executionId: fixed(16),
    /** Evidence that an independent verifier accepts, JSON. */
    document: bytes(1 << 19),
  }),
);
export type VerdictRecord = Value<typeof verdictRecord>;

/** When and in which execution a share was given away. */
export const exportedRecord = versioned(
  1,
  struct({
    executionId: fixed(16),
    /** Milliseconds since 1970. */
    at: u64,
  }),
);
export type ExportedRecord = Value<typeof exportedRecord>;

/** A peer whose check failed in a way that depends on this signer's secrets: trying again would leak them bit by bit. */
export const banRecord = versioned(
  1,
  struct({
    /** Ed25519 identity, 32 bytes. */
    publicKey: fixed(32),
    /** The abort's code; says nothing of what failed where. */
    code: text(64),
    /** Milliseconds since 1970. */
    at: u64,
  }),
);
export type BanRecord = Value<typeof banRecord>;

/** What a signer knows of its own lives. */
export const incarnationRecord = versioned(
  1,
  struct({
    /** Of this life, or the last. */
    incarnation: u64,
    /** When its disk was last found to have been put back, milliseconds since 1970; 0 for never. */
    rolledBackAt: u64,
    /** The furthest that it ever lost: life, and entries of its audit log. */
    lost: struct({ incarnation: u64, sequence: u64 }),
    /** Two presences, as `orders` encodes them, which prove that it was cloned; none, or none any more. */
    proof: list(bytes(1 << 13), 2),
    /** Proofs about lives up to this one count no more: its operator has settled them. */
    settled: u64,
  }),
);
export type IncarnationRecord = Value<typeof incarnationRecord>;

/** What another signer said last, and what proves that it was cloned. */
export const witnessRecord = versioned(
  1,
  struct({
    /** A presence, as `orders` encodes it; none if only clones are known. */
    statement: bytes(1 << 13),
    proof: list(bytes(1 << 13), 2),
    settled: u64,
  }),
);
export type WitnessRecord = Value<typeof witnessRecord>;
