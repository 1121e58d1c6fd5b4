/** One thing to sign. `merkleRoot`: `null` for no tweak, empty for the taproot key path alone, 32 bytes for a script tree. */
export interface DerivedItem {
  readonly message: Uint8Array;
  readonly merkleRoot: Uint8Array | null;
}

/** What a request asks to be signed, in order, and how the signatures (64 bytes each) go back into what was sent. */
export interface Derived {
  readonly items: readonly DerivedItem[];
  /** @returns the signed transaction or PSBT; absent where only signatures are asked for */
  readonly finish?: (signatures: readonly Uint8Array[]) => Uint8Array;
}
