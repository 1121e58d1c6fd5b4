/** Why a FROST step does not go on. Only `invalid_commitment` and `invalid_share` prove anything about a participant. */
export type FrostErrorCode =
  | "invalid_key"
  | "invalid_commitment"
  | "invalid_signing_set"
  | "own_commitment"
  | "nonces_used"
  | "invalid_tweak"
  | "missing_share"
  | "invalid_share";

/** A refusal of a FROST step. Nothing secret was used up unless a share was returned. */
export class FrostError extends Error {
  override readonly name = "FrostError";
  readonly code: FrostErrorCode;
  /** Identifiers of those whose message is wrong, ascending; empty when nobody is to blame. */
  readonly culprits: readonly number[];
  constructor(code: FrostErrorCode, message: string, culprits: readonly number[] = []) {
    super(message);
    this.code = code;
    this.culprits = culprits;
  }
}
