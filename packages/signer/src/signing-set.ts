import type { HeldKey } from "./held-key.ts";
import { Refused } from "./refused.ts";

/**
 * Checks a signing set that an order names: members of the key, distinct and ascending, this signer among them; at least
 * `minSigners`, and for ECDSA exactly as many.
 *
 * @throws Refused
 */
export function checkSigners(signers: readonly number[], key: HeldKey): void {
  const { minSigners } = key.certificate;
  if (signers.length < minSigners)
    throw new Refused("invalid_order", `${signers.length} signers, the key needs ${minSigners}`);
  if (key.kind === "ecdsa" && signers.length > minSigners)
    throw new Refused("invalid_order", `${signers.length} signers, ECDSA works with exactly ${minSigners}`);
  if (!signers.includes(key.identifier)) throw new Refused("invalid_order", "this signer is not in the signing set");
  for (const [at, signer] of signers.entries()) {
    if (at > 0 && signer <= signers[at - 1]!)
      throw new Refused("invalid_order", "signers are not distinct and ascending");
    if (!key.nodes.has(signer)) throw new Refused("invalid_order", `${signer} holds no share of this key`);
  }
}
