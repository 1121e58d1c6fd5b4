import { H, u32be } from "@quorate/curves";
import { publicId, unhex } from "@quorate/orders";

/** Prefixes of the ids that records create. */
export type IdPrefix = "or" | "us" | "to" | "cr" | "pm" | "as" | "key" | "sig" | "wa" | "xfr" | "tx" | "plc" | "ap";

/**
 * The id of the `n`-th thing of a kind that a record creates: a hash of the record, so that it can never come to mean something else.
 *
 * @param recordHash hex, 32 bytes
 */
export function idOf(prefix: IdPrefix, recordHash: string, n = 0): string {
  return publicId(prefix, H("authority/v1", "id", new TextEncoder().encode(prefix), unhex(recordHash), u32be(n)));
}

/**
 * The execution under which the signers make the key of a record: agreed on by all of them through the frames' session, so that the
 * same key cannot be made for one user at some signers and for another at others. 16 bytes.
 *
 * @param recordHash hex, 32 bytes; of the record that created the key
 */
export function keygenExecution(recordHash: string, key: string, attempt: number): Uint8Array {
  const name = new TextEncoder().encode(key);
  return H("authority/v1", "keygen", unhex(recordHash), name, u32be(attempt)).subarray(0, 16);
}
