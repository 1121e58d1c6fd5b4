import { bytesToInteger, type Group, verifyEcdsa, verifyEd25519, verifySchnorr } from "@quorate/curves";
import { suite, verifyingKey, verifySignature } from "@quorate/frost/aggregate";
import { curveOf, isEcdsa, type SuiteName } from "@quorate/orders";
import type { Scene } from "./scene.ts";

/** A finished signature and what it has to be of. */
export interface Finished {
  readonly suite: SuiteName;
  /** As key records have it. */
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly merkleRoot: Uint8Array | null;
  /** r then s. */
  readonly signature: Uint8Array;
}

/** Verifies a signature with code that had no part in making it; in a model group, which only our code knows, by the equation. */
export function verifies(scene: Scene, finished: Finished): boolean {
  const { suite: name, publicKey, message, signature } = finished;
  const { backend } = scene.simulation.crypto;
  const isFull = scene.simulation.crypto.name === "full";
  const curve = curveOf(name);
  if (isEcdsa(name)) {
    if (isFull && curve !== "ed25519") return verifyEcdsa(curve, publicKey, message, signature);
    return holdsEcdsa(scene.groupOf(name), publicKey, message, signature);
  }
  const frost = suite(name, backend);
  const key = {
    suite: frost,
    publicKey: frost.group.decodePoint(publicKey),
    encodedPublicKey: publicKey,
    verifyingShares: new Map(),
    minSigners: 2,
  };
  const verifying = verifyingKey(key, finished.merkleRoot);
  if (isFull && name === "ed25519") return verifyEd25519(verifying, message, signature);
  if (isFull && name === "taproot") return verifySchnorr(verifying, message, signature);
  return verifySignature(frost, verifying, message, signature);
}

/** FIPS 186-5 section 6.4.2. */
function holdsEcdsa(group: Group, publicKey: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  try {
    const [r, s] = [group.decodeScalar(signature.subarray(0, 32)), group.decodeScalar(signature.subarray(32))];
    const inverse = group.invert(s);
    const sum = group.multiplyAdd([
      [group.generator, group.mod(bytesToInteger(digest) * inverse)],
      [group.decodePoint(publicKey), group.mod(r * inverse)],
    ]);
    return !group.isIdentity(sum) && group.mod(bytesToInteger(group.encodePoint(sum).subarray(1))) === r;
  } catch {
    return false;
  }
}
