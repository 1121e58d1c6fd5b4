import { sha512 } from "./digest.ts";
import { group } from "./groups.ts";
import type { Identity } from "./identity.ts";
import { unsafeModelElements, unsafeModelGroup } from "./model-group.ts";
import { fillModelSlot, loadedModel, modelKey } from "./model-slot.ts";
import { ed25519Pem } from "./signature.ts";

/** The key of a node or of a user of a simulation. */
export interface ModelIdentity extends Identity {
  /** The public key as the key of a user's credential. */
  readonly pem: string;
}

/**
 * UNSAFE: there is no secret; who knows the public key can sign. 64 bytes, from two sums of 32 bits (FNV-1a) of which any one byte that
 * changes changes both: what happens to a message by accident is seen.
 */
function modelSignature(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  let [one, other] = [0x811c9dc5, 0x2545f491];
  for (const bytes of [publicKey, message]) {
    for (let at = 0; at < bytes.length; at++) {
      one = Math.imul(one ^ bytes[at]!, 0x01000193);
      other = Math.imul(other ^ bytes[at]!, 0x5bd1e995);
    }
  }
  const words = new Uint32Array(16);
  for (let at = 0; at < words.length; at += 2) {
    words[at] = one ^ at;
    words[at + 1] = other ^ at;
  }
  return new Uint8Array(words.buffer);
}

/**
 * Makes the backend `model` and keys of the model known to this process: `group(name, "model")`, and `verifyIdentity` and
 * `verifyCredentialSignature` under such keys. UNSAFE: all of it can be broken by hand. It is for simulations, of which thousands run in the time
 * of one real one. Keys and groups of the other backends stay what they are. Can be called again.
 */
export function loadUnsafeModel(): void {
  fillModelSlot({
    groups: GROUPS,
    elements: ELEMENTS,
    verify: (publicKey, message, signature) => Buffer.compare(modelSignature(publicKey, message), signature) === 0,
  });
}

const GROUPS = {
  ed25519: unsafeModelGroup("ed25519"),
  secp256k1: unsafeModelGroup("secp256k1"),
  p256: unsafeModelGroup("p256"),
};
const ELEMENTS = unsafeModelElements();

function isPoint(bytes: Uint8Array): boolean {
  try {
    group("ed25519", "fast").decodePoint(bytes);
    return true;
  } catch {
    return false;
  }
}

/**
 * UNSAFE: an identity of the model. Its public key encodes no point of Ed25519, so that real verification refuses it.
 *
 * @param seed 32 bytes, as for `identityFromSeed`
 * @throws Error unless `loadUnsafeModel` was called in this process
 */
export function modelIdentityFromSeed(seed: Uint8Array): ModelIdentity {
  loadedModel();
  if (seed.length !== 32) throw new Error(`an identity seed is 32 bytes, not ${seed.length}`);
  let publicKey = seed;
  for (let count = 0; publicKey === seed || isPoint(publicKey); count++)
    publicKey = modelKey(sha512(seed, Uint8Array.of(count)).subarray(0, 16));
  return { publicKey, pem: ed25519Pem(publicKey), sign: (message) => modelSignature(publicKey, message) };
}
