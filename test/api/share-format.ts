import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";

/** The format in which shares travel, as section 6.3 of the contract describes it: written a second time, from the description alone. */
const NONCE = Buffer.alloc(12);
const TAG_BYTES = 16;
const POINT_BYTES = 33;

export type Curve = "secp256k1" | "ed25519";

/** The group order. */
export const ORDER: Readonly<Record<Curve, bigint>> = {
  secp256k1: secp256k1.Point.Fn.ORDER,
  ed25519: ed25519.Point.Fn.ORDER,
};

function cipherKey(secret: Uint8Array, point: Uint8Array): Buffer {
  const shared = secp256k1.getSharedSecret(secret, point, true);
  return Buffer.from(hkdfSync("sha256", shared, "DFNS_KEY_IMPORT", "ENCRYPTION_KEY", 32));
}

/** A key to which shares are sealed: the text of its public half, and the way to open. */
export function encryptionKey(): { text: string; open(sealed: string): Record<string, unknown> } {
  const secret = secp256k1.utils.randomSecretKey();
  const text = Buffer.concat([Buffer.of(1), secp256k1.getPublicKey(secret, true)]).toString("base64");
  return { text, open: (sealed) => JSON.parse(unseal(secret, Buffer.from(sealed, "base64"))) };
}

function unseal(secret: Uint8Array, bytes: Buffer): string {
  const end = bytes.length - POINT_BYTES;
  const decipher = createDecipheriv("aes-256-gcm", cipherKey(secret, bytes.subarray(end)), NONCE);
  decipher.setAuthTag(bytes.subarray(end - TAG_BYTES, end));
  return decipher.update(bytes.subarray(0, end - TAG_BYTES)).toString() + decipher.final("utf8");
}

function seal(to: string, plaintext: unknown): string {
  const secret = secp256k1.utils.randomSecretKey();
  const cipher = createCipheriv("aes-256-gcm", cipherKey(secret, Buffer.from(to, "base64").subarray(1)), NONCE);
  const text = Buffer.concat([cipher.update(JSON.stringify(plaintext)), cipher.final()]);
  return Buffer.concat([text, cipher.getAuthTag(), secp256k1.getPublicKey(secret, true)]).toString("base64");
}

const mod = (value: bigint, order: bigint) => ((value % order) + order) % order;

function inverse(value: bigint, order: bigint): bigint {
  let [result, base] = [1n, mod(value, order)];
  for (let exponent = order - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % order;
    base = (base * base) % order;
  }
  return result;
}

/** Interpolates at zero, all shares together, as the official module does. */
export function recombine(shares: readonly Readonly<Record<string, unknown>>[], curve: Curve): bigint {
  const order = ORDER[curve];
  const points = shares.map(({ index, secret_share }) => {
    const [x, y] = [index, secret_share] as { curve: string; scalar: string }[];
    if (x?.curve !== curve || y?.curve !== curve) throw new Error(`not a share on ${curve}: ${JSON.stringify(index)}`);
    return { x: BigInt(`0x${x.scalar}`), y: BigInt(`0x${y.scalar}`) };
  });
  return points.reduce((sum, { x, y }) => {
    const others = points.filter((one) => one.x !== x);
    const weight = others.reduce((w, one) => mod(w * one.x * inverse(one.x - x, order), order), 1n);
    return mod(sum + y * weight, order);
  }, 0n);
}

/** Hex of the public key of a private scalar. */
export function publicKeyOf(secret: bigint, curve: Curve): string {
  const group = curve === "secp256k1" ? secp256k1 : ed25519;
  return group.Point.BASE.multiply(secret).toHex();
}

/** A random private scalar, not zero. */
export function randomScalar(curve: Curve): bigint {
  return mod(BigInt(`0x${randomBytes(48).toString("hex")}`), ORDER[curve] - 1n) + 1n;
}

/** Splits a key among signers as the official client does: sorted by the bytes of their ids, the i-th gets the share at i. */
export function split(
  secret: bigint,
  curve: Curve,
  minSigners: number,
  signers: readonly { readonly signerId: string; readonly encryptionKey: string }[],
): { signerId: string; encryptedKeyShare: string }[] {
  const order = ORDER[curve];
  const coefficients = [secret, ...Array.from({ length: minSigners - 1 }, () => randomScalar(curve))];
  const at = (x: bigint) => coefficients.reduceRight((sum, coefficient) => mod(sum * x + coefficient, order), 0n);
  const bytesOf = ({ signerId }: { signerId: string }) => Buffer.from(signerId, "base64");
  const sorted = signers.toSorted((a, b) => Buffer.compare(bytesOf(a), bytesOf(b)));
  const shares = sorted.map((_, i) => at(BigInt(i + 1)));
  const public_shares = shares.map((share) => ({ curve, point: publicShare(share, curve) }));
  return sorted.map(({ signerId, encryptionKey: to }, i) => {
    const scalar = shares[i]!.toString(16).padStart(64, "0");
    return { signerId, encryptedKeyShare: seal(to, { version: 1, secret_share: { curve, scalar }, public_shares }) };
  });
}

function publicShare(share: bigint, curve: Curve): string {
  if (curve === "ed25519") return ed25519.Point.BASE.multiply(share).toHex();
  return secp256k1.Point.BASE.multiply(share).toHex(false);
}
