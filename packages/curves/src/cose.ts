import { createPublicKey, type JsonWebKey } from "node:crypto";
import { type CborValue, readCbor } from "./cbor.ts";
import { Reader } from "./codec.ts";
import { parseCredentialKey } from "./credential-key.ts";

const KTY = 1;
const ALG = 3;
const OKP = 1;
const EC2 = 2;
const RSA = 3;

type Members = ReadonlyMap<number | string, CborValue>;

function refuse(problem: string): never {
  throw new Error(`a COSE key ${problem}; accepted are ES256 (-7), EdDSA on Ed25519 (-8) and RS256 (-257)`);
}

function bytes(members: Members, label: number, length?: number): string {
  const value = members.get(label);
  if (!(value instanceof Uint8Array) || (length !== undefined && value.length !== length)) {
    return refuse(`has no ${length ?? "sound"} bytes at ${label}`);
  }
  return Buffer.from(value).toString("base64url");
}

/** The members that a key of this kind has, no others: CTAP2 section 6.1 wants the required ones alone. */
function expect(members: Members, required: Readonly<Record<number, number>>, size: number): void {
  for (const [label, value] of Object.entries(required)) {
    if (members.get(Number(label)) !== value) refuse(`does not have ${value} at ${label}`);
  }
  if (members.size !== size) refuse(`has ${members.size} members, ${size} belong there`);
}

function jwkOf(members: Members): JsonWebKey {
  const algorithm = members.get(ALG);
  if (algorithm === -7) {
    expect(members, { [KTY]: EC2, [-1]: 1 }, 5);
    return { kty: "EC", crv: "P-256", x: bytes(members, -2, 32), y: bytes(members, -3, 32) };
  }
  if (algorithm === -8) {
    expect(members, { [KTY]: OKP, [-1]: 6 }, 4);
    return { kty: "OKP", crv: "Ed25519", x: bytes(members, -2, 32) };
  }
  if (algorithm === -257) {
    expect(members, { [KTY]: RSA }, 4);
    return { kty: "RSA", n: bytes(members, -1), e: bytes(members, -2) };
  }
  return refuse("is of another algorithm");
}

/**
 * The PEM text of a public key as authenticators give it (RFC 9053 sections 2 and 7, RFC 8230 section 4).
 *
 * @param cose one CBOR map, nothing behind it
 * @returns as `parseCredentialKey` writes it
 * @throws Error for other algorithms, members that are missing or do not belong, and keys that `parseCredentialKey` refuses
 */
export function coseToPem(cose: Uint8Array): string {
  const reader = new Reader(cose);
  const members = readCbor(reader);
  reader.end();
  if (!(members instanceof Map)) return refuse("is not a map");
  const key = createPublicKey({ key: jwkOf(members), format: "jwk" });
  return parseCredentialKey(key.export({ format: "pem", type: "spki" }) as string).pem;
}
