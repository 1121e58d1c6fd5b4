import { type DerivationPath, parsePath } from "@quorate/keygen/aggregate";
import type { Member, SuiteName } from "@quorate/orders";
import type { RequestAuthority } from "./authority/request-authority.ts";

/** The keys that a person can ask for, in the words of the API. */
export type Scheme = "EdDSA" | "Schnorr" | "ECDSA";
export type Curve = "ed25519" | "secp256k1" | "secp256r1";

/** Where a child comes from. */
export interface DerivedFrom {
  /** Public id of the key that was made: never itself a child. */
  readonly keyId: string;
  /** From that key down, such as `m/44/60/0`. */
  readonly path: string;
}

/** A key as the coordinator keeps and shows it. Hex without prefix. */
export interface KeyRecord {
  readonly id: string;
  /** 32 bytes, hex: the id that the signers use. A child has that of the key it comes from, and its members, epoch and certificate. */
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
  /** `null` for a key that was made. */
  readonly derivedFrom: DerivedFrom | null;
  /** Whether somebody knew the key before it came here. */
  readonly imported: boolean;
  /** Milliseconds since 1970. */
  readonly dateCreated: number;
  /** When its holders first gave their shares away, milliseconds since 1970; it signs no more. */
  readonly dateExported: number | null;
}

/**
 * How the signers work together: in one round trip, with commitments or presignatures that lay ready; after exchanging
 * commitments (`two-round`); or by all rounds of threshold ECDSA (`interactive`).
 */
export type Form = "one-round" | "two-round" | "interactive";

/** How one attempt at a signature went: which set, by which form, and what came of it. */
export interface AttemptReport {
  readonly signers: readonly string[];
  readonly form: Form;
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

/** `Pending`: held for approval. `Rejected`: denied, or not approved in time. */
export type RequestStatus = "Pending" | "Executing" | "Signed" | "Failed" | "Rejected";

/** Who asked for a signature. */
export interface Requester {
  readonly userId: string;
  readonly tokenId?: string;
}

/** A signature request as the coordinator keeps and shows it. */
export interface RequestRecord {
  readonly id: string;
  /** Public id of the key. */
  readonly keyId: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** What was filled in for a transfer, or for a transaction that its user left open: hex. */
  readonly transaction: string | null;
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
  readonly organisation: string;
  readonly requester: Requester;
  readonly authority: RequestAuthority;
  /** As the user asked: `/keys/…/signatures`, `/wallets/…/transactions` and so on. */
  readonly path: string;
  readonly walletId: string | null;
}

/** Where below the key that was made this one lies. */
export function pathOf({ derivedFrom }: Pick<KeyRecord, "derivedFrom">): DerivationPath {
  return derivedFrom === null ? [] : parsePath(derivedFrom.path);
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

/** A key, also one stored before there were children, imports and exports. */
export function decodeKey(bytes: Uint8Array): KeyRecord {
  const later = { derivedFrom: null, imported: false, dateExported: null };
  return { ...later, ...decodeRecord<Omit<KeyRecord, keyof typeof later>>(bytes) };
}
