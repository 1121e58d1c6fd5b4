import type { Group, GroupName } from "./group.ts";
import type { ElementGroup } from "./ristretto255.ts";

/** What `@quorate/curves/model` supplies, once it is loaded. */
export interface Model {
  readonly groups: Readonly<Record<GroupName, Group>>;
  /** In the place of ristretto255. */
  readonly elements: ElementGroup;
  /** @param publicKey 32 bytes for which `isModelKey` */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

let loaded: Model | undefined;

/** Only for `loadUnsafeModel`. */
export function fillModelSlot(model: Model): void {
  loaded = model;
}

/** The model of this process, if it was loaded. */
export function modelIfLoaded(): Model | undefined {
  return loaded;
}

/** @throws Error unless the model was loaded in this process */
export function loadedModel(): Model {
  if (loaded !== undefined) return loaded;
  throw new Error('the backend "model" has no secrets and is for simulations only; sign with "fast" or "noble"');
}

const MARK = Buffer.from("UNSAFE model key");

/**
 * Whether bytes are in the form that public keys of the model have: 16 bytes that say so, then 16 more. No such key encodes a
 * point, so without the model nothing is verified under it.
 */
export function isModelKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== 32 || publicKey[0] !== MARK[0]) return false;
  return MARK.compare(publicKey, 0, MARK.length) === 0;
}

/** A public key in that form. @param rest 16 bytes */
export function modelKey(rest: Uint8Array): Uint8Array {
  return Uint8Array.of(...MARK, ...rest);
}
