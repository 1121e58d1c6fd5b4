import { createPublicKey, type KeyObject } from "node:crypto";
import { group } from "./groups.ts";
import { isModelKey, modelIfLoaded } from "./model-slot.ts";

/** What a user's key is, named after the algorithms of JOSE; `ES256K` is ECDSA on secp256k1. */
export type CredentialKeyKind = "Ed25519" | "ES256" | "ES256K" | "ES384" | "RS256";

export interface CredentialKey {
  readonly kind: CredentialKeyKind;
  /** The one PEM text of this key: SPKI, named curve, uncompressed point, lines of 64, line feed at the end. */
  readonly pem: string;
}

/** With what verification needs. */
export interface ParsedKey extends CredentialKey {
  readonly key: KeyObject;
  /** Of Ed25519, 32 bytes. */
  readonly raw?: Uint8Array;
}

const ACCEPTED =
  "accepted are Ed25519, P-256, secp256k1, P-384 and RSA of 2048 to 8192 bits with an exponent of 65537 or a little more, " +
  'as PEM "PUBLIC KEY" (SPKI) or "RSA PUBLIC KEY" (PKCS#1)';
/** RSA of 8192 bits takes 1.5 kB. */
const MAX_PEM_LENGTH = 2048;
const PEM =
  /^-----BEGIN (RSA )?PUBLIC KEY-----\r?\n((?:[A-Za-z0-9+/]{1,2000}={0,2}\r?\n)+)-----END \1PUBLIC KEY-----(?:\r\n|\s)?$/;
const CURVES: ReadonlyMap<string | undefined, CredentialKeyKind> = new Map([
  ["prime256v1", "ES256"],
  ["secp256k1", "ES256K"],
  ["secp384r1", "ES384"],
]);

function refuse(problem: string): never {
  throw new Error(`a public key ${problem}; ${ACCEPTED}`);
}

/** Under an exponent of 1 everybody can sign; with a huge one each verification takes long. */
function isSoundRsa({
  modulusLength = 0,
  publicExponent = 0n,
}: NonNullable<KeyObject["asymmetricKeyDetails"]>): boolean {
  const isSize = modulusLength >= 2048 && modulusLength <= 8192;
  return isSize && publicExponent >= 65_537n && publicExponent < 1n << 32n && publicExponent % 2n === 1n;
}

function kindOf(key: KeyObject): CredentialKeyKind {
  const details = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "ed25519") return "Ed25519";
  if (key.asymmetricKeyType === "ec") {
    return CURVES.get(details.namedCurve) ?? refuse(`is on the curve ${details.namedCurve ?? "of its own"}`);
  }
  if (key.asymmetricKeyType !== "rsa") return refuse(`is of type ${key.asymmetricKeyType}`);
  return isSoundRsa(details)
    ? "RS256"
    : refuse(`of RSA has ${details.modulusLength} bits, exponent ${details.publicExponent}`);
}

/** Through JWK, which knows named curves, points and numbers alone: what else an encoding carries falls away. */
function normalised(key: KeyObject): ParsedKey {
  const kind = kindOf(key);
  const plain = createPublicKey({ key: key.export({ format: "jwk" }), format: "jwk" });
  const pem = plain.export({ format: "pem", type: "spki" }) as string;
  if (kind !== "Ed25519") return { kind, pem, key: plain };
  const raw = new Uint8Array(plain.export({ format: "der", type: "spki" }).subarray(-32));
  const isOfModel = modelIfLoaded() !== undefined && isModelKey(raw);
  if (!isOfModel) group("ed25519", "fast").decodePoint(raw); // throws for points of small and mixed order
  return { kind, pem, key: plain, raw };
}

/** The key of a PEM text with its `KeyObject`. Throws as `parseCredentialKey` does. */
export function readKey(pem: string): ParsedKey {
  const found = pem.length <= MAX_PEM_LENGTH ? PEM.exec(pem) : null;
  if (found === null) return refuse("is not PEM text");
  const der = Buffer.from(found[2]!, "base64");
  try {
    const type = found[1] === undefined ? "spki" : "pkcs1";
    return normalised(createPublicKey({ key: der, format: "der", type }));
  } catch (cause) {
    if (cause instanceof Error && cause.message.includes(ACCEPTED)) throw cause;
    throw new Error(`a public key does not hold a valid key; ${ACCEPTED}`, { cause });
  }
}

/**
 * Checks the public key of a credential and gives its one PEM text.
 *
 * @param pem SPKI (`PUBLIC KEY`) or PKCS#1 (`RSA PUBLIC KEY`), one white space may follow; up to 2048 characters
 * @throws Error saying what is accepted: for other types and curves, RSA below 2048 bits, points that are not of the curve or,
 * on Ed25519, not of prime order
 */
export function parseCredentialKey(pem: string): CredentialKey {
  const { kind, pem: text } = readKey(pem);
  return { kind, pem: text };
}
