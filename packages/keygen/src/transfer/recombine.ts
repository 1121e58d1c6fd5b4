import { type Group, lagrange } from "@quorate/curves";
import { TransferError } from "./envelope.ts";
import type { ExportedShare } from "./plaintext.ts";

/**
 * The secret of a key from exported shares: the one place where it ever exists whole, at whoever asked for it. All shares are
 * interpolated, so that a wrong one among more than it takes is seen too.
 *
 * @param publicKey as the key shows it: compressed or uncompressed SEC1 on secp256k1 and P-256, the 32 bytes of x alone for
 *   BIP-340, 32 bytes on ed25519
 * @returns the scalar, as it was made: for BIP-340 neither lifted to even y nor tweaked; on ed25519 no seed, which does not exist
 * @throws TransferError unless there are two shares at least, of different participants, that make exactly this key
 */
export function recombine(group: Group, shares: readonly ExportedShare[], publicKey: Uint8Array): bigint {
  const indices = shares.map((one) => one.index);
  if (shares.length < 2) throw new TransferError("it takes two shares at least");
  if (new Set(indices).size !== indices.length) throw new TransferError("two shares are of one participant");
  const secret = group.mod(shares.reduce((sum, { index, share }) => sum + lagrange(group, indices, index) * share, 0n));
  if (secret === 0n || !isKeyOf(group, secret, publicKey))
    throw new TransferError("these shares do not make the private key of this public key");
  return secret;
}

function isKeyOf(group: Group, secret: bigint, publicKey: Uint8Array): boolean {
  const encoded = Buffer.from(group.encodePoint(group.base(secret)));
  if (publicKey.length === encoded.length) return encoded.equals(publicKey);
  if (group.name === "ed25519") return false;
  const x = encoded.subarray(1);
  if (publicKey.length === 32 && group.name === "secp256k1") return x.equals(publicKey);
  const parity = 2 + (publicKey.at(-1)! & 1);
  return publicKey.length === 65 && publicKey[0] === 4 && parity === encoded[0] && x.equals(publicKey.subarray(1, 33));
}
