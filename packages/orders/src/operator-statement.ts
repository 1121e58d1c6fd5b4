import {
  decode,
  encode,
  fixed,
  H,
  type Identity,
  list,
  struct,
  u64,
  type Value,
  verifyIdentity,
} from "@quorate/curves";
import { nodeId, unhex } from "./ids.ts";
import type { NetworkFile } from "./network.ts";
import { MAX_SIGNERS } from "./suite.ts";

/** The most operators that a network has. */
const MAX_OPERATORS = MAX_SIGNERS + 1;

const halt = struct({
  operator: nodeId,
  /** The operator's own signers that stop. */
  nodes: list(nodeId, MAX_SIGNERS),
  /** Milliseconds since 1970: one that was resumed from does not halt again. */
  time: u64,
});
/** An operator's word that signers of its own are to stop. */
export type Halt = Value<typeof halt>;

/** A halt with the signature of its operator. */
export const haltStatement = struct({ halt, signature: fixed(64) });
export type HaltStatement = Value<typeof haltStatement>;

/** One word of several operators. */
export const operatorSignatures = list(struct({ operator: nodeId, signature: fixed(64) }), MAX_OPERATORS);
export type OperatorSignatures = Value<typeof operatorSignatures>;

/** The word of several operators that signers may go on which one of them halted. */
export const resumeStatement = struct({ halt: haltStatement, signatures: operatorSignatures });
export type ResumeStatement = Value<typeof resumeStatement>;

/** What names a halt: 32 bytes. @param networkHash 32 bytes */
export function haltHash(networkHash: Uint8Array, statement: Halt): Uint8Array {
  return H("orders/v1", "halt", networkHash, encode(halt, statement));
}

function resumeText(networkHash: Uint8Array, statement: Halt): Uint8Array {
  return H("orders/v1", "resume", networkHash, haltHash(networkHash, statement));
}

/** @param identity of the operator that it names */
export function signHalt(networkHash: Uint8Array, statement: Halt, identity: Identity): HaltStatement {
  return { halt: statement, signature: identity.sign(haltHash(networkHash, statement)) };
}

/** One operator's part of a resume. */
export function signResume(networkHash: Uint8Array, { halt }: HaltStatement, identity: Identity): Uint8Array {
  return identity.sign(resumeText(networkHash, halt));
}

/** How many operators must sign what none of them decides alone: as many as signers sign, or all where there are fewer. */
export function resumeQuorum({ operators, defaults }: Pick<NetworkFile, "operators" | "defaults">): number {
  return Math.min(defaults.minSigners, operators.length);
}

/** Whether a halt is signed by its operator, and stops nobody else's signers. */
export function verifyHalt(network: NetworkFile, networkHash: Uint8Array, { halt, signature }: HaltStatement): boolean {
  const operator = network.operators.find((one) => one.name === halt.operator);
  if (operator === undefined) return false;
  const owns = (name: string) => network.nodes.some((node) => node.name === name && node.operator === halt.operator);
  return halt.nodes.every(owns) && verifyIdentity(unhex(operator.publicKey), haltHash(networkHash, halt), signature);
}

/** Whether enough different operators of the network signed that a halt ends. */
export function verifyResume(network: NetworkFile, networkHash: Uint8Array, statement: ResumeStatement): boolean {
  return verifyOperators(network, resumeText(networkHash, statement.halt.halt), statement.signatures);
}

/** Whether enough different operators of the network signed this, and nobody else. */
export function verifyOperators(network: NetworkFile, told: Uint8Array, signatures: OperatorSignatures): boolean {
  const signed = new Set<string>();
  for (const { operator, signature } of signatures) {
    const known = network.operators.find((one) => one.name === operator);
    if (known === undefined || !verifyIdentity(unhex(known.publicKey), told, signature)) return false;
    signed.add(operator);
  }
  return signed.size >= resumeQuorum(network);
}

/** Statements as files and messages between processes carry them. */
export const encodeHalt = (statement: HaltStatement): Uint8Array => encode(haltStatement, statement);
/** @throws DecodeError */
export const decodeHalt = (bytes: Uint8Array): HaltStatement => decode(haltStatement, bytes);
/** @throws DecodeError */
export const decodeResume = (bytes: Uint8Array): ResumeStatement => decode(resumeStatement, bytes);
export const encodeResume = (statement: ResumeStatement): Uint8Array => encode(resumeStatement, statement);
