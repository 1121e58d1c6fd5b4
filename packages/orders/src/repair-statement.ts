import { decode, encode, fixed, H, type Identity, struct, text, u64, type Value } from "@quorate/curves";
import type { NetworkFile } from "./network.ts";
import { operatorSignatures, verifyOperators } from "./operator-statement.ts";

const repair = struct({
  organisation: text(64),
  height: u64,
  /** Of the record that is to stand there. */
  hash: fixed(32),
  /** Milliseconds since 1970: of two for one height the later holds. */
  time: u64,
});
/** Which record a log that is stuck goes on with. */
export type Repair = Value<typeof repair>;

/**
 * The word of several operators that a log goes on with this record at this height. A signer that countersigned another one there lets
 * go of it, so whoever signs this must know that no other can have been committed: that too few signers took it, counting as takers
 * all who cannot be asked.
 */
export const repairStatement = struct({ repair, signatures: operatorSignatures });
export type RepairStatement = Value<typeof repairStatement>;

function repairText(networkHash: Uint8Array, statement: Repair): Uint8Array {
  return H("orders/v1", "repair", networkHash, encode(repair, statement));
}

/** One operator's part of a repair. @param networkHash 32 bytes */
export function signRepair(networkHash: Uint8Array, statement: Repair, identity: Identity): Uint8Array {
  return identity.sign(repairText(networkHash, statement));
}

/** Whether enough different operators of the network signed a repair. */
export function verifyRepair(
  network: NetworkFile,
  networkHash: Uint8Array,
  { repair, signatures }: RepairStatement,
): boolean {
  return verifyOperators(network, repairText(networkHash, repair), signatures);
}

export const encodeRepair = (statement: RepairStatement): Uint8Array => encode(repairStatement, statement);
/** @throws DecodeError */
export const decodeRepair = (bytes: Uint8Array): RepairStatement => decode(repairStatement, bytes);
