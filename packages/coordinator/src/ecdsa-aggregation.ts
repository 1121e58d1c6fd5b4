import { AggregationError, aggregate } from "@quorate/dkls23/aggregate";
import { hex, type Member } from "@quorate/orders";
import type { Fault } from "./aggregation.ts";
import type { EcdsaAttempt, Item } from "./attempt.ts";
import type { Keyring } from "./keyring.ts";
import type { KeyRecord } from "./records.ts";
import { verifyEcdsaAgain } from "./second-opinion.ts";

type Aggregated =
  /** 65 bytes each: r, s, recovery id. */
  | { readonly signatures: readonly Uint8Array[] }
  | { readonly faults: readonly Fault[] }
  /** The shares do not fit together, and nothing says whose is wrong. */
  | { readonly nobody: string };

/**
 * Adds the shares of a complete attempt up to ECDSA signatures and verifies them with a second implementation. Only who sends what
 * nobody can have computed is named: an invalid signature, or different nonce points, may be any member's doing.
 */
export function aggregateEcdsa(
  { key, items }: { readonly key: KeyRecord; readonly items: readonly Item[] },
  attempt: EcdsaAttempt,
  keyring: Keyring,
): Aggregated {
  const group = keyring.group(key.suite);
  const sharesOf = (member: Member) => attempt.answers.get(member.identifier)!.shares;
  const wrong = attempt.set.filter((member) => sharesOf(member).length !== items.length);
  if (wrong.length > 0) return { faults: wrong.map((member) => ({ member, reason: "wrong number of shares" })) };
  const isScalar = (bytes: Uint8Array) => {
    try {
      group.decodeScalar(bytes);
      return true;
    } catch {
      return false;
    }
  };
  const strange = attempt.set.filter((member) => !sharesOf(member).every(({ u, w }) => isScalar(u) && isScalar(w)));
  if (strange.length > 0) return { faults: strange.map((member) => ({ member, reason: "a share that is no scalar" })) };
  const { suite, publicKey } = keyring.ecdsaKey(key);
  const signatures: Uint8Array[] = [];
  for (const [at, { message }] of items.entries()) {
    const shares = attempt.set.map((member) => sharesOf(member)[at]!);
    const known = attempt.presignatures?.ready[at]?.bigR;
    const points = new Set([...shares.map((share) => share.bigR), ...(known === undefined ? [] : [known])].map(hex));
    if (points.size > 1) return { nobody: "different nonce points shown" };
    try {
      const signature = aggregate(group, publicKey, shares[0]!.bigR, message, shares);
      if (group.backend !== "model") verifyEcdsaAgain(suite, publicKey, message, signature); // no other code knows the model
      signatures.push(Uint8Array.of(...signature.r, ...signature.s, signature.recid));
    } catch (error) {
      if (!(error instanceof AggregationError)) throw error;
      return { nobody: `no signature: ${error.message}` };
    }
  }
  return { signatures };
}
