import { hex } from "@quorate/orders";
import * as Address from "ox/Address";
import * as Hash from "ox/Hash";
import * as TxEnvelope from "ox/TxEnvelope";
import { pointCompress } from "tiny-secp256k1";
import { checkEcdsa, recoverKey } from "./ecdsa.ts";

/** A signed Ethereum transaction, as ox reads it and libsecp256k1 recovers who signed it. */
export interface SignedTransaction {
  /** With the checksum of EIP-55. */
  readonly sender: string;
  /** By which the chain knows it. */
  readonly hash: string;
  /** What was hashed and signed. */
  readonly unsigned: Uint8Array;
  /** `legacy`, `eip1559`, ... */
  readonly type: string;
  readonly chainId: number;
  readonly nonce: bigint;
  /** `null` creates a contract. */
  readonly to: string | null;
  /** In wei. */
  readonly value: bigint;
}

/** @throws Error if it is no signed transaction, not written the one way that there is, or its signature has a high s or no signer */
export function readSignedTransaction(raw: Uint8Array): SignedTransaction {
  const envelope = TxEnvelope.deserialize(`0x${hex(raw)}`);
  if ("frames" in envelope) throw new Error("transactions of this type are not read here");
  const { r, s, yParity, v, ...unsigned } = envelope;
  const { type = "legacy", chainId, nonce = 0n, to = null, value = 0n } = unsigned;
  if (r === undefined || s === undefined || yParity === undefined) throw new Error("it carries no signature");
  if (TxEnvelope.serialize(envelope) !== `0x${hex(raw)}`)
    throw new Error("it is not the one encoding of a transaction");
  if (chainId === undefined) throw new Error("it names no chain, so that it could be repeated on every other");
  const digest = bytes(TxEnvelope.getSignPayload(unsigned));
  const sender = senderOf(digest, Uint8Array.of(...bytes(r, 32), ...bytes(s, 32), yParity));
  if (sender === undefined) throw new Error("its signature is of nobody, or has a high s");
  return {
    sender,
    hash: Hash.keccak256(`0x${hex(raw)}`),
    unsigned: bytes(TxEnvelope.serialize(unsigned)),
    ...{ type, chainId, nonce, value },
    to: to === null ? null : Address.checksum(to),
  };
}

/**
 * The address that a signature leads to, as `ecrecover` finds it; undefined where it leads nowhere or s is high.
 *
 * @param signature r, s and the recovery id: 65 bytes
 */
export function senderOf(digest: Uint8Array, signature: Uint8Array): string | undefined {
  const key = recoverKey("ecdsa-secp256k1", digest, signature);
  if (key === undefined || !checkEcdsa("ecdsa-secp256k1", key, digest, signature)) return undefined;
  return addressOf(key);
}

/** The address of a key, by ox and libsecp256k1. @param publicKey SEC1 compressed, 33 bytes */
export function addressOf(publicKey: Uint8Array): string {
  const point = pointCompress(publicKey, false).subarray(1);
  return Address.checksum(`0x${hex(Hash.keccak256(point).subarray(12))}`);
}

/** @param length left-padded to it */
function bytes(text: string, length = 0): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2).padStart(2 * length, "0"), "hex"));
}
