/** What a key signs with. */
export const SCHEMES = ["EdDSA", "Schnorr", "ECDSA"] as const;
export type Scheme = (typeof SCHEMES)[number];

/** How a signature is made: with what lies ready (nonce commitments or a presignature), or by all rounds. */
export interface Form {
  readonly scheme: Scheme;
  /** The signers first talk among themselves: nothing lies ready, or (ECDSA, a raw digest) nothing that does may be used. */
  readonly interactive: boolean;
}

/**
 * How many messages one after the other every signer of the set waits for from all others, before it answers the coordinator.
 * FROST: the commitments. ECDSA: commitments, extensions and answers (DKLs23, the three rounds of a presigning).
 */
export function exchangesOf({ scheme, interactive }: Form): number {
  if (!interactive) return 0;
  return scheme === "ECDSA" ? 3 : 1;
}

/** The form in words. */
export function formText({ scheme, interactive }: Form): string {
  if (!interactive) return "one round trip from coordinator to signers";
  return scheme === "ECDSA" ? "three exchanges among the signers first" : "one exchange among the signers first";
}
