import type { SuiteName } from "@quorate/orders";
import type { RequestKind } from "./request.ts";

/** What a request is held against. `publicKey`: 32 bytes on `ed25519`, 33 bytes SEC1 compressed elsewhere; for a child key that of the child. */
export interface PublicKeyFacts {
  readonly suite: SuiteName;
  readonly publicKey: Uint8Array;
}

/** The kinds of request that a kind of key signs. */
export const KINDS: Readonly<Record<SuiteName, readonly RequestKind[]>> = {
  ed25519: ["Hash", "Message", "Transaction"],
  taproot: ["Hash", "Psbt"],
  secp256k1: ["Hash"],
  p256: ["Hash"],
  "ecdsa-secp256k1": ["Hash", "Message", "Transaction", "Eip712", "Psbt"],
  "ecdsa-p256": ["Hash"],
};

/** The same in words, for the hint of a refusal. */
export const SIGNS: Readonly<Record<SuiteName, string>> = {
  ed25519: 'an ed25519 key signs kind "Hash", "Message", and "Transaction" with blockchainKind "Solana"',
  taproot: 'a taproot key signs kind "Hash" with taprootMerkleRoot, and "Psbt"',
  secp256k1: 'a FROST secp256k1 key signs kind "Hash"',
  p256: 'a FROST p256 key signs kind "Hash"',
  "ecdsa-secp256k1":
    'an ECDSA secp256k1 key signs kind "Hash", "Eip712", "Psbt", and "Message" and "Transaction" with blockchainKind "Evm"',
  "ecdsa-p256": 'an ECDSA p256 key signs kind "Hash"',
};

/** The x coordinate of a compressed point, 32 bytes: how BIP-340 writes a public key. */
export function xOnly({ publicKey }: PublicKeyFacts): Uint8Array {
  return publicKey.subarray(1);
}
