import type { Member, SuiteName } from "@quorate/orders";

/** The keys that a person can ask for, in the words of the API. */
export type Scheme = "EdDSA" | "Schnorr" | "ECDSA";
export type Curve = "ed25519" | "secp256k1";

/** A key as the coordinator keeps and shows it. Hex without prefix. */
export interface KeyRecord {
  readonly id: string;
  /** 32 bytes, hex: the id that the signers use. */
  readonly keyId: string;
  readonly epoch: number;
  readonly suite: SuiteName;
  readonly scheme: Scheme;
  readonly curve: Curve;
  readonly publicKey: string;
  readonly minSigners: number;
  readonly members: readonly Member[];
  readonly name: string | null;
  /** The n-of-n activation certificate, hex. */
  readonly certificate: string;
  /** Milliseconds since 1970. */
  readonly dateCreated: number;
}

/** How one attempt at a signature went: which set, by which form, and what came of it. */
export interface AttemptReport {
  readonly signers: readonly string[];
  readonly form: "one-round" | "two-round";
  readonly startedMs: number;
  endedMs: number | null;
  result: string | null;
  culprits: readonly { readonly node: string; readonly reason: string; verifiedBy: readonly string[] }[];
}

/** Where the time of a signed request went, milliseconds. */
export interface Timing {
  readonly totalMs: number;
  /** The least that the network allows: one round trip to the farthest of the signing set. */
  readonly networkMs: number;
  /** Slowest signer's computing, and the aggregation here. */
  readonly cryptoMs: number;
  readonly restMs: number;
}

export type RequestStatus = "Executing" | "Signed" | "Failed";

/** A signature request as the coordinator keeps and shows it. */
export interface RequestRecord {
  readonly id: string;
  /** Public id of the key. */
  readonly keyId: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Hex; equal for equal bodies, however they are written. */
  readonly bodyDigest: string;
  readonly externalId: string | null;
  readonly dateRequested: number;
  /** Wall-clock milliseconds. */
  readonly deadline: number;
  readonly status: RequestStatus;
  readonly reason: string | null;
  readonly dateSigned: number | null;
  /** What the API shows of the signature: `signature`, `signatures`, `signedData`. */
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly attempts: readonly AttemptReport[];
  readonly timing: Timing | null;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Records are public data: JSON, so that a person can read the database. */
export function encodeRecord(record: KeyRecord | RequestRecord | Readonly<Record<string, unknown>>): Uint8Array {
  return encoder.encode(JSON.stringify(record));
}

/** Our own bytes back: written by `encodeRecord` in this database. */
export function decodeRecord<T>(bytes: Uint8Array): T {
  return JSON.parse(decoder.decode(bytes)) as T;
}
