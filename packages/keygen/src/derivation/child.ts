import { bytesToInteger, type Group, type GroupName, hmacSha512, type Point, u32be, XOF } from "@quorate/curves";
import { checkPath, type DerivationPath } from "./path.ts";

/** A child of a key, for those who know the key's chain code. */
export interface Child {
  /** The child's private key less that of the key above: every holder adds it to its share, in `[0, order)`. As secret as the chain code. */
  readonly tweak: bigint;
  /** Encoded point. */
  readonly publicKey: Uint8Array;
  /** 32 bytes. The caller wipes it. */
  readonly chainCode: Uint8Array;
}

/** A key with its chain code, somewhere on the path. */
interface Parent {
  readonly publicKey: Point;
  readonly chainCode: Uint8Array;
}

interface Step extends Parent {
  readonly tweak: bigint;
}

type Derivation = (suite: string, group: Group, parent: Parent, index: number) => Step;

/** @returns undefined when the tweak is no scalar, or the child no key */
function stepBy(group: Group, parent: Parent, tweak: bigint, chainCode: Uint8Array): Step | undefined {
  if (tweak >= group.order) return undefined;
  const publicKey = group.add(parent.publicKey, group.base(tweak));
  return group.isIdentity(publicKey) ? undefined : { tweak, publicKey, chainCode };
}

/** What BIP-32 and SLIP-10 make of the 64 bytes I: the left half is the tweak, the right half the chain code. */
export function stepFrom(group: Group, parent: Parent, I: Uint8Array): Step | undefined {
  return stepBy(group, parent, bytesToInteger(I.subarray(0, 32)), I.slice(32));
}

function noSuchChild(index: number): never {
  throw new RangeError(`there is no child ${index} here, by chance: use the next index`);
}

/** BIP-32, CKDpub. */
function bip32(_: string, group: Group, parent: Parent, index: number): Step {
  const I = hmacSha512(parent.chainCode, group.encodePoint(parent.publicKey), u32be(index));
  return stepFrom(group, parent, I) ?? noSuchChild(index);
}

/** SLIP-10, CKDpub: where BIP-32 gives up, which on P-256 is one index in 2^32, it hashes again. */
function slip10(_: string, group: Group, parent: Parent, index: number): Step {
  let I = hmacSha512(parent.chainCode, group.encodePoint(parent.publicKey), u32be(index));
  for (;;) {
    const step = stepFrom(group, parent, I);
    if (step !== undefined) return step;
    I = hmacSha512(parent.chainCode, Uint8Array.of(1), I.subarray(32), u32be(index));
  }
}

/**
 * Ours, as no standard derives public keys from public keys on Ed25519 (SLIP-10 hardens every level): of 96 bytes SHAKE256 over the
 * chain code, the key and the index, 64 are the tweak, little-endian modulo the order, and 32 the chain code.
 */
function edwards(suite: string, group: Group, parent: Parent, index: number): Step {
  const { chainCode, publicKey } = parent;
  const output = XOF(suite, "ckd/ed25519", 96, chainCode, group.encodePoint(publicKey), u32be(index));
  const tweak = group.mod(bytesToInteger(output.subarray(0, 64).toReversed()));
  return stepBy(group, parent, tweak, output.slice(64)) ?? noSuchChild(index);
}

const DERIVATIONS: Readonly<Record<GroupName, Derivation>> = { secp256k1: bip32, p256: slip10, ed25519: edwards };

/**
 * Derives a child without the private key: BIP-32 on secp256k1, SLIP-10 on P-256, a construction of our own on Ed25519. A taproot
 * key is derived before any tweak of its output (BIP-86).
 *
 * Whoever knows the chain code and one child's private key knows the private key of the parent, and so of all its children: the
 * chain code stays with the holders of shares.
 *
 * @param suite of the key: the domain of our own construction
 * @param publicKey encoded point of the key
 * @param chainCode of the key, 32 bytes; not kept
 * @param path from the key down; for none the key itself, with tweak 0
 * @throws RangeError for what is no path, for a chain code of another length, and where BIP-32 has no child at an index (chance: 2^-127)
 */
export function deriveChild(
  suite: string,
  group: Group,
  publicKey: Uint8Array,
  chainCode: Uint8Array,
  path: DerivationPath,
): Child {
  checkPath(path);
  if (chainCode.length !== 32) throw new RangeError(`a chain code is 32 bytes, not ${chainCode.length}`);
  const derive = DERIVATIONS[group.name];
  let child: Step = { tweak: 0n, publicKey: group.decodePoint(publicKey), chainCode: chainCode.slice() };
  for (const index of path) {
    const step = derive(suite, group, child, index);
    child.chainCode.fill(0);
    child = { ...step, tweak: group.mod(child.tweak + step.tweak) };
  }
  return { ...child, publicKey: group.encodePoint(child.publicKey) };
}
