import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { sha256 } from "@quorate/curves";
import type { Attestation, KeyAssertion, KeyKind } from "../credentials/types.ts";

const GENERATORS = {
  Ed25519: () => generateKeyPairSync("ed25519"),
  "P-256": () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
  "P-384": () => generateKeyPairSync("ec", { namedCurve: "P-384" }),
  secp256k1: () => generateKeyPairSync("ec", { namedCurve: "secp256k1" }),
  RSA: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
} as const;

export type KeyCurve = keyof typeof GENERATORS;

/** What a client does differently for once. */
export interface KeyCredentialTwist {
  /** Members that come on top of those that every client sends, or in their place. */
  readonly clientData?: Readonly<Record<string, unknown>>;
  /** The digest to sign with, and to announce unless `silent`. */
  readonly algorithm?: string;
  readonly silent?: boolean;
  /** Another spelling of the public key to attest. */
  readonly publicKey?: string;
}

/** A key in memory that signs as the official key signers do, in Node and in the browser. */
export interface KeyCredential {
  readonly kind: KeyKind;
  readonly curve: KeyCurve;
  readonly credentialId: string;
  /** PEM, as Node writes it. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
  attest(challenge: string, twist?: KeyCredentialTwist): Attestation;
  assert(challenge: string, twist?: KeyCredentialTwist): KeyAssertion;
}

const base64url = (data: string | Uint8Array) => Buffer.from(data).toString("base64url");

/** Node picks SHA-256 for the elliptic curves and RSA, and none for Ed25519. */
function signed(privateKey: KeyObject, algorithm: string | undefined, message: Uint8Array): Buffer {
  return sign(algorithm, message, privateKey);
}

function announced({ algorithm, silent = false }: KeyCredentialTwist): { algorithm?: string } {
  return algorithm === undefined || silent ? {} : { algorithm };
}

function attest(credential: KeyCredential, challenge: string, twist: KeyCredentialTwist): Attestation {
  const { kind, credentialId, privateKey } = credential;
  const publicKey = twist.publicKey ?? credential.publicKey;
  const clientData = Buffer.from(JSON.stringify({ type: "key.create", challenge, ...twist.clientData }));
  const clientDataHash = Buffer.from(sha256(clientData)).toString("hex");
  const fingerprint = Buffer.from(JSON.stringify({ clientDataHash, publicKey }));
  const signature = signed(privateKey, twist.algorithm, fingerprint).toString("hex");
  const attestationData = base64url(JSON.stringify({ publicKey, signature, ...announced(twist) }));
  const credentialInfo = { credId: credentialId, clientData: base64url(clientData), attestationData };
  if (kind === "Key") return { credentialKind: kind, credentialInfo };
  return { credentialKind: kind, credentialInfo, encryptedPrivateKey: "wrapped by its holder" };
}

function assert(credential: KeyCredential, challenge: string, twist: KeyCredentialTwist): KeyAssertion {
  const clientData = Buffer.from(JSON.stringify({ type: "key.get", challenge, ...twist.clientData }));
  return {
    kind: credential.kind,
    credentialAssertion: {
      credId: credential.credentialId,
      clientData: base64url(clientData),
      signature: base64url(signed(credential.privateKey, twist.algorithm, clientData)),
      ...announced(twist),
    },
  };
}

/** A new key of that curve; its identifier is 32 random bytes in base64url. */
export function keyCredential(curve: KeyCurve = "P-256", kind: KeyKind = "Key"): KeyCredential {
  const pair = GENERATORS[curve]();
  const credential: KeyCredential = {
    kind,
    curve,
    credentialId: base64url(randomBytes(32)),
    publicKey: pair.publicKey.export({ format: "pem", type: "spki" }) as string,
    privateKey: pair.privateKey,
    attest: (challenge, twist = {}) => attest(credential, challenge, twist),
    assert: (challenge, twist = {}) => assert(credential, challenge, twist),
  };
  return credential;
}
