/** One signer's share of a signature: 64 bytes, public once it is sent. */
export interface EcdsaShare {
  /** Share of k * phi, scalar, 32 bytes. */
  readonly u: Uint8Array;
  /** Share of (h + r * x') * phi, scalar, 32 bytes. */
  readonly w: Uint8Array;
}
