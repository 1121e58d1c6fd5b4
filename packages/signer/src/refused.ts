import type { Refusal } from "@quorate/orders";

/** An order that this signer does not take. Nothing was consumed. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: Refusal;
  constructor(code: Refusal, detail: string) {
    super(detail);
    this.code = code;
  }
}
