/** One thing to sign. */
export interface DerivedItem {
  /** For an ECDSA key the digest, 32 bytes; for all others what their scheme hashes. */
  readonly message: Uint8Array;
  /** `null` for no tweak, empty for the taproot key path alone, 32 bytes for a script tree. */
  readonly merkleRoot: Uint8Array | null;
  /**
   * Whether the caller chose the digest itself (kind `Hash`). Such a digest must never meet an ECDSA presignature: whoever knows
   * its nonce point R can ask for the digest `h * r / r*`, where r* is the x coordinate of a multiple of R that he chose, and turn
   * the signature into one on h, which nobody was asked about. It is signed by rounds that fix the digest before R exists.
   */
  readonly prehashed: boolean;
}

/** How an ECDSA signature is written as one text: r, s and the recovery id; the same with 27 or 28 at the end (Ethereum); or DER (Bitcoin). */
export type EcdsaEncoding = "plain" | "evm" | "der";

/** What a request asks to be signed, in order, and how the signatures go back into what was sent. */
export interface Derived {
  readonly items: readonly DerivedItem[];
  /** Of an ECDSA key; `plain` by default. */
  readonly encoding?: EcdsaEncoding;
  /**
   * @param signatures 64 bytes each; of ECDSA keys 65: r, s and the recovery id
   * @returns the signed transaction or PSBT; absent where only signatures are asked for
   */
  readonly finish?: (signatures: readonly Uint8Array[]) => Uint8Array;
}
