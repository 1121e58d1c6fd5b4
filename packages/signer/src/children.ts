import { Secret } from "@quorate/curves";
import { keyShare } from "@quorate/frost";
import { deriveChild } from "@quorate/keygen";
import type { DerivationPath } from "@quorate/orders";
import type { EcdsaKey, FrostKey, HeldKey } from "./held-key.ts";
import { Refused } from "./refused.ts";

/** How many children of one key are kept parsed. */
const MAX_CHILDREN = 256;

const known = new WeakMap<HeldKey, Map<string, HeldKey>>();

/**
 * The child of a key at a path, for signing: the same shares, all shifted by what the path adds to the secret. Adding one
 * constant to every share adds it to the secret, since Lagrange coefficients at 0 sum to 1.
 *
 * @param key the key that was made, not itself a child
 * @throws Refused `invalid_order` where the path has no child (probability 2^-127 a level)
 */
export function childOf(key: FrostKey, path: DerivationPath): FrostKey;
export function childOf(key: HeldKey, path: DerivationPath): HeldKey;
export function childOf(key: HeldKey, path: DerivationPath): HeldKey {
  if (path.length === 0) return key;
  const children = known.get(key) ?? new Map<string, HeldKey>();
  known.set(key, children);
  const name = path.join("/");
  const child = children.get(name) ?? derived(key, path);
  children.delete(name);
  children.set(name, child);
  if (children.size > MAX_CHILDREN) children.delete(children.keys().next().value!);
  return child;
}

function derived(key: HeldKey, path: DerivationPath): HeldKey {
  const group = key.kind === "frost" ? key.suite.group : key.group;
  try {
    const child = deriveChild(key.suiteName, group, key.encodedPublicKey, key.chainCode.expose(), path);
    const { tweak, publicKey } = child;
    return key.kind === "frost" ? frostChild(key, path, tweak, publicKey) : ecdsaChild(key, path, tweak, publicKey);
  } catch (error) {
    if (error instanceof RangeError) throw new Refused("invalid_order", error.message);
    throw error;
  }
}

function ecdsaChild(key: EcdsaKey, path: DerivationPath, tweak: bigint, encodedPublicKey: Uint8Array): EcdsaKey {
  return { ...key, path, tweak, encodedPublicKey, publicKey: key.group.decodePoint(encodedPublicKey) };
}

function frostChild(key: FrostKey, path: DerivationPath, tweak: bigint, encodedPublicKey: Uint8Array): FrostKey {
  const { group } = key.suite;
  const { signingShare, verifyingShares } = key.share;
  const shift = group.base(tweak);
  const share = new Secret(group.encodeScalar(group.mod(group.decodeScalar(signingShare.expose()) + tweak)));
  const shifted = [...verifyingShares].map(([identifier, point]) => [identifier, group.add(point, shift)] as const);
  const shown = {
    ...key.share,
    publicKey: group.decodePoint(encodedPublicKey),
    encodedPublicKey,
    verifyingShares: new Map(shifted),
  };
  return { ...key, path, encodedPublicKey, share: keyShare(shown, key.identifier, share) };
}
