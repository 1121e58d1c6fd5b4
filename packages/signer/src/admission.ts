import { deriveDigests } from "@quorate/authority";
import { InputError, type OrderOf, type Refusal, type World } from "@quorate/orders";
import type { HeldKey, Keyring } from "./keyring.ts";

/** An order that this signer does not take. Nothing was consumed. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: Refusal;
  constructor(code: Refusal, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** An order that may be answered: the key, and what is signed, derived here from the request alone. */
export interface Admitted {
  readonly key: HeldKey;
  readonly items: readonly { readonly message: Uint8Array; readonly merkleRoot: Uint8Array | null }[];
}

/** Clocks of coordinator and signer may differ by this much, milliseconds. */
const CLOCK_SKEW_MS = 60_000;
/** The longest time that a request may stay open, milliseconds: no signer remembers a binding for ever. */
const MAX_LIFE_MS = 24 * 3600_000;

/**
 * Checks an order to sign against this signer's own keys, clock and reading of the request.
 *
 * @throws Refused
 */
export function admit(
  order: OrderOf<"sign"> | OrderOf<"signInteractive">,
  keyring: Pick<Keyring, "find">,
  world: World,
): Admitted {
  const entry = keyring.find(order.keyId);
  if (entry === undefined) throw new Refused("unknown_key", "no share of this key here");
  if (entry.state === "broken") throw new Refused("unusable_share", `the share's record is unusable: ${entry.fault}`);
  if (entry.state === "staged") throw new Refused("key_not_active", "the key's certificate is missing here");
  const { key } = entry;
  if (key.epoch !== order.epoch) throw new Refused("epoch_mismatch", `epoch ${order.epoch} asked, ${key.epoch} held`);
  checkDeadline(order, world);
  if (order.deadline - world.wallNow() > MAX_LIFE_MS + CLOCK_SKEW_MS)
    throw new Refused("invalid_order", "the deadline is more than a day away");
  return { key, items: derive(order.request, key) };
}

/** Asked again after every wait: past its deadline nothing is answered. @throws Refused */
export function checkDeadline(order: { readonly deadline: number }, world: World): void {
  const lateMs = world.wallNow() - order.deadline;
  if (lateMs > 0) throw new Refused("expired", `the request expired ${lateMs} ms ago by this signer's clock`);
}

function derive(request: Uint8Array, key: HeldKey): Admitted["items"] {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(request));
  } catch {
    throw new Refused("invalid_request", "the request is not JSON");
  }
  try {
    return deriveDigests(body, { suite: key.suite.name, publicKey: key.share.encodedPublicKey }).items;
  } catch (error) {
    if (error instanceof InputError) throw new Refused("invalid_request", error.message);
    throw error;
  }
}
