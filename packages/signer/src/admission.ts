import { type DerivedItem, digestsFor } from "@quorate/authority";
import type { NetworkFile, OrderOf, World } from "@quorate/orders";
import type { Logs } from "./authority/logs.ts";
import { type Permit, permit } from "./authority/permission.ts";
import { childOf } from "./children.ts";
import type { EcdsaKey, FrostKey, HeldKey } from "./held-key.ts";
import type { Keyring } from "./keyring.ts";
import { asRefusal, Refused } from "./refused.ts";

/** An order that may be answered: the key or child, and what is signed, derived here from the request alone. */
export interface Admitted<K extends HeldKey = HeldKey> {
  readonly key: K;
  /** Whose word allows it. */
  readonly permit: Permit;
  readonly items: readonly DerivedItem[];
}

/** Orders that ask for signatures. */
export type SigningOrder = OrderOf<"sign"> | OrderOf<"signInteractive"> | OrderOf<"signPresigned">;

/** Clocks of coordinator and signer may differ by this much, milliseconds. */
const CLOCK_SKEW_MS = 60_000;
/** The longest time that a request may stay open after its authorisation expired, milliseconds: no signer remembers a binding for ever. */
const MAX_LIFE_MS = 24 * 3600_000;

/** What an order is checked against. */
export interface AdmissionParts {
  readonly keyring: Pick<Keyring, "find" | "originOf">;
  readonly logs: Pick<Logs, "state">;
  readonly network: Pick<NetworkFile, "networkId">;
  readonly world: World;
}

/**
 * Checks an order to sign against the log of the organisation that it is for, and this signer's own keys, clock and reading of the
 * request.
 *
 * @throws Refused
 */
export function admit(order: SigningOrder, parts: AdmissionParts): Admitted {
  const { keyring, logs, network, world } = parts;
  const permitted = permit(order, logs, network.networkId, world.wallNow());
  const key = heldKey(order, keyring);
  checkOrigin(order, permitted, keyring);
  checkDeadline(order, world);
  if (order.deadline - permitted.signature.expires > MAX_LIFE_MS + CLOCK_SKEW_MS)
    throw new Refused("invalid_order", "the deadline is more than a day away");
  return { key, items: derive(order.request, key, permitted), permit: permitted };
}

/** The share that an order names must be the one that was made for the key that the user meant: nobody else decides which that is. */
function checkOrigin({ keyId, path }: SigningOrder, permitted: Permit, keyring: Pick<Keyring, "originOf">): void {
  const origin = keyring.originOf(keyId);
  if (origin?.organisation !== permitted.organisation || origin.key !== permitted.key) {
    throw new Refused("no_authorisation", "the user asked for a signature with another key");
  }
  if (path.join("/") !== permitted.path.join("/")) {
    throw new Refused("no_authorisation", "the user asked for a signature with another child of this key");
  }
}

/**
 * The key that an order names, or its child where the order has a path.
 *
 * @throws Refused
 */
export function heldKey(
  order: Pick<SigningOrder, "keyId" | "epoch" | "path">,
  keyring: Pick<Keyring, "find">,
): HeldKey {
  const { key, exported } = activeKey(order, keyring);
  if (exported === true)
    throw new Refused("exported", "this signer gave its share of the key away, and signs no more with it");
  return childOf(key, order.path);
}

/**
 * The key that an order names, at the epoch that it names, whether it still signs or not.
 *
 * @throws Refused
 */
export function activeKey(
  { keyId, epoch }: Pick<SigningOrder, "keyId" | "epoch">,
  keyring: Pick<Keyring, "find">,
): { readonly key: HeldKey; readonly exported?: true } {
  const entry = keyring.find(keyId);
  if (entry === undefined) throw new Refused("unknown_key", "no share of this key here");
  if (entry.state === "broken") throw new Refused("unusable_share", `the share's record is unusable: ${entry.fault}`);
  if (entry.state === "staged") throw new Refused("key_not_active", "the key's certificate is missing here");
  if (entry.key.epoch !== epoch) throw new Refused("epoch_mismatch", `epoch ${epoch} asked, ${entry.key.epoch} held`);
  return entry;
}

/** @throws Refused unless the key signs by FROST */
export function frostOnly({ key, ...rest }: Admitted): Admitted<FrostKey> {
  if (key.kind === "frost") return { key, ...rest };
  throw new Refused("invalid_order", "an ECDSA key has no use for commitments");
}

/** @throws Refused unless the key signs ECDSA */
export function ecdsaOnly<K extends HeldKey>(key: K): EcdsaKey {
  if (key.kind === "ecdsa") return key;
  throw new Refused("invalid_order", `a key of suite ${key.suiteName} has no use for presignatures`);
}

/** Asked again after every wait: past its deadline nothing is answered. @throws Refused */
export function checkDeadline(order: { readonly deadline: number }, world: World): void {
  const lateMs = world.wallNow() - order.deadline;
  if (lateMs > 0) throw new Refused("expired", `the request expired ${lateMs} ms ago by this signer's clock`);
}

function derive(request: Uint8Array, key: HeldKey, permitted: Permit): Admitted["items"] {
  const facts = { suite: key.suiteName, publicKey: key.encodedPublicKey };
  return asRefusal(() => digestsFor(permitted.signature, request, facts, permitted.settings).items);
}
