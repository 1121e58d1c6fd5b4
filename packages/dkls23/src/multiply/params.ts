import type { Domain, Group } from "@quorate/curves";

/** One multiplication of a pair. */
export interface MultiplyParams {
  /** Whose scalars are multiplied. */
  readonly group: Group;
  /** Domain of all hashes: the key's suite. */
  readonly domain: Domain;
  /** 32 bytes, from contributions of both parties and never the same twice for a pair. */
  readonly msid: Uint8Array;
}

/** A check failed whose result depends on a secret of ours. It says which check, and nothing about where. */
export class FailedCheck extends Error {
  override readonly name = "FailedCheck";
  readonly check: "extension" | "multiplication";
  constructor(check: "extension" | "multiplication") {
    super(`the peer's ${check} does not hold`);
    this.check = check;
  }
}
