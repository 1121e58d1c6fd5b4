import { AuthorityError } from "@quorate/authority";
import { InputError, REFUSALS, type Refusal } from "@quorate/orders";

/** An order that this signer does not take. Nothing was consumed. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: Refusal;
  constructor(code: Refusal, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** Runs a check of authority: what it objects to is refused under the same word. @throws Refused */
export function asRefusal<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof InputError) throw new Refused("invalid_request", error.message);
    if (!(error instanceof AuthorityError)) throw error;
    const { code, message } = error;
    throw new Refused(isRefusal(code) ? code : "no_authorisation", message);
  }
}

function isRefusal(code: string): code is Refusal {
  return (REFUSALS as readonly string[]).includes(code);
}
