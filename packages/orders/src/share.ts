import {
  bytes,
  encode,
  fixed,
  H,
  type Identity,
  list,
  nullable,
  struct,
  u8,
  u64,
  type Value,
  verifyIdentity,
} from "@quorate/curves";
import { publishedCommitment } from "./commitment.ts";
import { derivationPath } from "./path.ts";
import { MAX_SIGNERS } from "./suite.ts";

/**
 * Everything that a signature share answers: the message, the taproot tweak and the commitments of the exact signing set.
 * `merkleRoot`: `null` for no tweak, empty for key-path only, 32 bytes for a script tree.
 */
export const signingPackage = struct({
  keyId: fixed(32),
  epoch: u64,
  path: derivationPath,
  message: bytes(1 << 17),
  merkleRoot: nullable(bytes(32)),
  commitments: list(publishedCommitment, MAX_SIGNERS),
});
export type SigningPackage = Value<typeof signingPackage>;

/** A signature share with its maker's signature over it and over the package that it answers: portable proof of who sent what. */
export const signedShare = struct({
  identifier: u8,
  /** z_i, encoded scalar. */
  share: fixed(32),
  signature: fixed(64),
});
export type SignedShare = Value<typeof signedShare>;

function statement(
  networkHash: Uint8Array,
  answered: SigningPackage,
  identifier: number,
  share: Uint8Array,
): Uint8Array {
  return H("orders/v1", "share", networkHash, encode(signingPackage, answered), encode(u8, identifier), share);
}

export function signShareStatement(
  identity: Identity,
  networkHash: Uint8Array,
  answered: SigningPackage,
  identifier: number,
  share: Uint8Array,
): SignedShare {
  return { identifier, share, signature: identity.sign(statement(networkHash, answered, identifier, share)) };
}

/** @param publicKey identity of the participant that the share names, 32 bytes */
export function verifyShareStatement(
  publicKey: Uint8Array,
  networkHash: Uint8Array,
  answered: SigningPackage,
  signed: SignedShare,
): boolean {
  return verifyIdentity(publicKey, statement(networkHash, answered, signed.identifier, signed.share), signed.signature);
}

/** A wrong share, provable to anyone who has the network file and the key's certificate. */
export const shareEvidence = struct({ package: signingPackage, share: signedShare });
export type ShareEvidence = Value<typeof shareEvidence>;
