import { encode, H, text, u64be, verifyIdentity } from "@quorate/curves";
import { hex, type NetworkFile, unhex } from "@quorate/orders";
import { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";
import { type Assertion, parseAssertion } from "../credentials/types.ts";
import { AuthorityError } from "../error.ts";

/** The largest record, bytes of canonical JSON. */
export const MAX_RECORD_BYTES = 1 << 17;

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const schema = z.strictObject({
  format: z.literal(1),
  /** Empty at height 0: the organisation's id is made from the hash of that record. */
  organisation: z.string().max(64),
  height: z.int().min(0),
  /** Hash of the record below; empty at height 0. */
  previous: z.union([hash, z.literal("")]),
  /** Milliseconds since 1970, not before the record below. */
  time: z.int().min(0),
  action: z.strictObject({
    method: z.enum(["POST", "PUT", "DELETE"]),
    /** Without a query. */
    path: z.string().min(1).max(512),
    body: z.record(z.string(), z.unknown()),
    /** The whole transaction of a request that leaves nonce or fees open; nobody signed it, and nothing else is signed for the request. */
    filled: z
      .string()
      .regex(/^0x([0-9a-f]{2}){1,60000}$/)
      .optional(),
    /** The signature of the user who asks for it; none where the body proves itself: the first record, registration, recovery. */
    proof: z.unknown(),
    /** Who vouches for a credential that the body brings. */
    endorsement: z.unknown(),
  }),
});

/** One record of an organisation's log: a request as its user signed it, in its place. */
export interface LogRecord {
  readonly format: 1;
  readonly organisation: string;
  readonly height: number;
  readonly previous: string;
  readonly time: number;
  readonly action: LoggedAction;
}

/** A request that changes who exists or what they may do, with what authorises it. */
export interface LoggedAction {
  readonly method: "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Hex behind 0x: the transaction that is signed for a request that leaves nonce or fees open, as the coordinator filled it in. */
  readonly filled?: string;
  readonly proof: Assertion | null;
  readonly endorsement: Assertion | null;
}

/** The end of a log: how many records there are, and the hash of the last. */
export interface Head {
  readonly height: number;
  /** Hex, 32 bytes. */
  readonly hash: string;
}

/** The one encoding of a record. @throws AuthorityError `bad_record` when it is too large, or has none */
export function encodeLogRecord(record: LogRecord): Uint8Array {
  const bytes = new TextEncoder().encode(canonicalOf(record));
  if (bytes.length > MAX_RECORD_BYTES) throw bad(`${bytes.length} bytes, at most ${MAX_RECORD_BYTES}`);
  return bytes;
}

/** What has no canonical JSON is no record, and is refused as any other bad one is, by everybody who is shown it. */
function canonicalOf(record: LogRecord): string {
  try {
    return canonicalJson(record);
  } catch (error) {
    throw bad((error as Error).message);
  }
}

/** Reads a record; only its one encoding is one. @throws AuthorityError `bad_record` */
export function decodeLogRecord(bytes: Uint8Array): LogRecord {
  if (bytes.length > MAX_RECORD_BYTES) throw bad(`${bytes.length} bytes, at most ${MAX_RECORD_BYTES}`);
  let raw: unknown;
  try {
    raw = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw bad("is not JSON");
  }
  const parsed = schema.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw bad(`${issue.path.map(String).join(".") || "(top)"}: ${issue.message}`);
  }
  const { action, ...place } = parsed.data;
  const { filled, ...signed } = action;
  const proof = proofOf(action.proof, "proof");
  const record: LogRecord = {
    ...place,
    action: {
      ...{ ...signed, proof, endorsement: proofOf(action.endorsement, "endorsement") },
      ...(filled === undefined ? {} : { filled }),
    },
  };
  if (Buffer.compare(encodeLogRecord(record), bytes) !== 0) throw bad("is not in its one canonical form");
  return record;
}

function proofOf(value: unknown, field: string): Assertion | null {
  if (value === null) return null;
  try {
    return parseAssertion(value, field);
  } catch (error) {
    throw bad((error as Error).message);
  }
}

/** Hex, 32 bytes. */
export function recordHash(encoded: Uint8Array): string {
  return hex(H("authority/v1", "record", encoded));
}

function bad(problem: string): AuthorityError {
  return new AuthorityError("bad_record", `record: ${problem}`);
}

/** A signer's word that at this height it takes this record and no other. */
export interface Countersignature {
  readonly node: string;
  /** 64 bytes, by the node's identity over `countersignStatement`. */
  readonly signature: Uint8Array;
}

/** What a signer signs for the one record that it takes at a height. @param networkHash 32 bytes */
export function countersignStatement(networkHash: Uint8Array, organisation: string, head: Head): Uint8Array {
  return statement("countersign", networkHash, organisation, head);
}

/** What the coordinator signs for each record that it proposes: two of them for one height are evidence. */
export function proposalStatement(networkHash: Uint8Array, organisation: string, head: Head): Uint8Array {
  return statement("propose", networkHash, organisation, head);
}

function statement(tag: string, networkHash: Uint8Array, organisation: string, { height, hash }: Head): Uint8Array {
  return H("authority/v1", tag, networkHash, encode(text(64), organisation), u64be(height), unhex(hash));
}

/** How many of n signers must countersign so that two such sets share an honest one, with t-1 dishonest: ceil((n+t)/2). */
export function commitQuorum({ nodes, defaults }: Pick<NetworkFile, "nodes" | "defaults">): number {
  return Math.ceil((nodes.length + defaults.minSigners) / 2);
}

/** @throws AuthorityError `bad_record` unless enough different signers of the network countersigned */
export function checkCommitted(
  network: NetworkFile,
  networkHash: Uint8Array,
  organisation: string,
  head: Head,
  signatures: readonly Countersignature[],
): void {
  const told = countersignStatement(networkHash, organisation, head);
  const valid = new Set<string>();
  for (const { node, signature } of signatures) {
    const member = network.nodes.find((one) => one.name === node);
    if (member === undefined || !verifyIdentity(unhex(member.publicKey), told, signature)) {
      throw bad(`the countersignature of ${node.slice(0, 64)} does not verify`);
    }
    valid.add(node);
  }
  const needed = commitQuorum(network);
  if (valid.size < needed) throw bad(`${valid.size} countersignatures, ${needed} are needed`);
}
