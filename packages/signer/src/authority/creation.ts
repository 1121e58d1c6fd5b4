import { type KeyEntity, keygenExecution } from "@quorate/authority";
import { constantTimeEqual } from "@quorate/curves";
import type { NetworkFile, OrderOf, SuiteName } from "@quorate/orders";
import type { OriginRecord } from "@quorate/vault";
import type { Lives } from "../presence/lives.ts";
import { Refused } from "../refused.ts";
import type { Logs } from "./logs.ts";

/** The suite of a key as users ask for it. */
const SUITES: Readonly<Record<string, SuiteName>> = {
  "EdDSA ed25519": "ed25519",
  "Schnorr secp256k1": "taproot",
  "ECDSA secp256k1": "ecdsa-secp256k1",
  "ECDSA secp256r1": "ecdsa-p256",
};

/**
 * Whether a key is to be made: one that the log created, as the log says, under the execution that follows from its record.
 *
 * @returns what the share is made for
 * @throws Refused
 */
export function checkCreation(
  order: OrderOf<"keygen">,
  { logs, network, lives }: { readonly logs: Logs; readonly network: NetworkFile; readonly lives: Lives },
): OriginRecord {
  const { creation } = order;
  if (creation === null) throw new Refused("no_authorisation", "no user asked for a key");
  const key = logs.state(creation).keys.get(creation.key);
  if (key === undefined) throw new Refused("unknown_key", "the log knows no such key");
  checkAsked(order, key, network);
  if (!constantTimeEqual(order.executionId, keygenExecution(key.record, key.id, creation.attempt))) {
    throw new Refused("invalid_order", "the execution is not the one that follows from the key's record");
  }
  if (lives.mayHaveActedOn(key.created)) {
    const message = `key ${key.id} was asked for before this signer lost records: it may have begun to make it; ask for another`;
    throw new Refused("rolled_back", message);
  }
  return { organisation: creation.organisation, key: key.id };
}

function checkAsked(
  { suite, minSigners, members }: OrderOf<"keygen">,
  key: KeyEntity,
  { defaults }: NetworkFile,
): void {
  if (key.archivedAt !== null) throw new Refused("unknown_key", `key ${key.id} is archived`);
  if (key.derivedFrom !== null || key.imported)
    throw new Refused("invalid_order", `key ${key.id} is not made but derived or imported`);
  checkSpec(suite, key);
  const wanted = key.minSigners ?? defaults.minSigners;
  if (minSigners !== wanted || members.length !== defaults.maxSigners) {
    const ordered = `${minSigners} of ${members.length}`;
    throw new Refused("no_authorisation", `${wanted} of ${defaults.maxSigners} was asked for, not ${ordered}`);
  }
}

/** @throws Refused unless keys of this suite are what the user asked for */
export function checkSpec(suite: SuiteName, { scheme, curve }: Pick<KeyEntity, "scheme" | "curve">): void {
  if (SUITES[`${scheme} ${curve}`] === suite) return;
  throw new Refused("no_authorisation", `a key of ${scheme} on ${curve} was asked for, not ${suite}`);
}
