import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { dirname, join } from "node:path";
import type { Assertion, Attestation } from "@quorate/authority";
import { z } from "zod";
import { CliError, EXIT } from "../exit.ts";
import { readSecret, writeSecret } from "./secret-file.ts";

const schema = z.strictObject({
  /** `networkId` of the network that it is for: nothing is signed for another. */
  network: z.string().min(1).max(64),
  /** `or-…` */
  organisation: z.string().min(1).max(64),
  /** `us-…`; of an admin that has not logged in yet it need not be known. */
  userId: z.string().max(64).optional(),
  username: z.string().min(1).max(100),
  /** As challenges allow it: `credId` of the SDK. */
  credentialId: z.string().min(1).max(1368),
  /** File of the PEM with the private key, beside this one. */
  privateKey: z.string().min(1).max(1024),
  /** The bearer token of a service account; people log in. */
  token: z.string().max(8192).optional(),
});

/** Somebody's credential as it lies in a file. */
export type CredentialFile = z.output<typeof schema>;

/** Somebody who can sign actions from here. */
export interface Credential extends CredentialFile {
  readonly file: string;
  /** PEM, PKCS#8. */
  readonly pem: string;
  /** Signs a challenge, whatever it says: `verifyChallenge` first. */
  assert(challenge: string): Assertion;
}

/** Proves that a new credential of kind Key has its private key, for registration. @param publicKey PEM */
export function attest(
  challenge: string,
  credentialId: string,
  { publicKey, privateKey }: { readonly publicKey: string; readonly privateKey: string },
): Attestation {
  const data = Buffer.from(JSON.stringify({ type: "key.create", challenge }));
  const clientDataHash = createHash("sha256").update(data).digest("hex");
  const fingerprint = Buffer.from(JSON.stringify({ clientDataHash, publicKey }));
  const signature = sign(null, fingerprint, createPrivateKey(privateKey)).toString("hex");
  const attestationData = Buffer.from(JSON.stringify({ publicKey, signature })).toString("base64url");
  return {
    credentialKind: "Key",
    credentialInfo: { credId: credentialId, clientData: data.toString("base64url"), attestationData },
  };
}

/** A new key of Ed25519 for a credential: both PEM. */
export function newCredentialKey(): { readonly publicKey: string; readonly privateKey: string } {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return {
    publicKey: publicKey.export({ format: "pem", type: "spki" }).toString(),
    privateKey: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
  };
}

/** The id of a new credential, as clients choose it. */
export function newCredentialId(): string {
  return randomBytes(32).toString("base64url");
}

/** Keeps a credential in two files that only their owner can read: `<name>.json` and `<name>.pem`. */
export function writeCredential(
  dir: string,
  name: string,
  told: Omit<CredentialFile, "privateKey">,
  privateKey: string,
): Credential {
  writeSecret(join(dir, `${name}.pem`), privateKey);
  const file = join(dir, `${name}.json`);
  writeSecret(file, JSON.stringify({ ...told, privateKey: `${name}.pem` }, null, 2));
  return readCredential(file);
}

/** @throws CliError naming the file and the way out */
export function readCredential(file: string): Credential {
  const told = parsed(file, readSecret(file, "credential"));
  const path = join(dirname(file), told.privateKey);
  const pem = readSecret(path, "the private key of the credential");
  const key = keyOf(path, pem);
  const assert = (challenge: string): Assertion => {
    const data = Buffer.from(JSON.stringify({ type: "key.get", challenge }));
    const signature = sign(key.asymmetricKeyType === "ed25519" ? null : "sha256", data, key).toString("base64url");
    const clientData = data.toString("base64url");
    return { kind: "Key", credentialAssertion: { credId: told.credentialId, clientData, signature } };
  };
  return { ...told, file, pem, assert };
}

function parsed(file: string, text: string): CredentialFile {
  const hint = "see .quorate/organisation/admin.json for one that is complete";
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new CliError(EXIT.environment, `${file} is no JSON`, hint);
  }
  const told = schema.safeParse(json);
  if (told.success) return told.data;
  const { path, message } = told.error.issues[0]!;
  throw new CliError(EXIT.environment, `${file}: ${path.map(String).join(".") || "(top)"}: ${message}`, hint);
}

function keyOf(path: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new CliError(EXIT.environment, `${path} holds no private key in PEM`, "restore it from a copy");
  }
}
