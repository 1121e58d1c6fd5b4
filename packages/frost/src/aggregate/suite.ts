import {
  type Backend,
  bytesToInteger,
  type Group,
  type GroupName,
  group,
  hashToField,
  reversedToInteger,
  sha256,
  sha512,
  taggedHash,
} from "@quorate/curves";

/** The kinds of key that FROST signs for: `taproot` is BIP-340 with the BIP-341 tweak, the others are the suites of RFC 9591. */
export type FrostSuiteName = "ed25519" | "taproot" | "secp256k1" | "p256";

/** A ciphersuite: a group and five hash functions (RFC 9591 section 6). */
export interface FrostSuite {
  readonly name: FrostSuiteName;
  readonly contextString: string;
  readonly group: Group;
  /** Binding factors. */
  H1(message: Uint8Array): bigint;
  /** The challenge of the signature scheme, over `R || PK || message` in the encodings of that scheme. */
  H2(message: Uint8Array): bigint;
  /** Nonces. */
  H3(message: Uint8Array): bigint;
  /** Digest of the message: 64 bytes on Ed25519, else 32. */
  H4(message: Uint8Array): Uint8Array;
  /** Digest of the commitment list: 64 bytes on Ed25519, else 32. */
  H5(message: Uint8Array): Uint8Array;
}

const GROUPS: Readonly<Record<FrostSuiteName, GroupName>> = {
  ed25519: "ed25519",
  taproot: "secp256k1",
  secp256k1: "secp256k1",
  p256: "p256",
};

const CONTEXT_STRINGS: Readonly<Record<FrostSuiteName, string>> = {
  ed25519: "FROST-ED25519-SHA512-v1",
  taproot: "FROST-secp256k1-SHA256-TR-v1",
  secp256k1: "FROST-secp256k1-SHA256-v1",
  p256: "FROST-P256-SHA256-v1",
};

/** The ciphersuite of that name: RFC 9591 sections 6.1, 6.4, 6.5; for `taproot` that of the Zcash Foundation's `frost-secp256k1-tr`. */
export function suite(name: FrostSuiteName, backend: Backend): FrostSuite {
  const contextString = CONTEXT_STRINGS[name];
  const curve = group(GROUPS[name], backend);
  const tag = (label: string) => Buffer.from(contextString + label);
  if (name === "ed25519") {
    const scalar = (...parts: readonly Uint8Array[]) => curve.mod(reversedToInteger(sha512(...parts)));
    const [rho, nonce, msg, com] = [tag("rho"), tag("nonce"), tag("msg"), tag("com")];
    return {
      name,
      contextString,
      group: curve,
      H1: (message) => scalar(rho, message),
      // No prefix: the signature is one of RFC 8032.
      H2: (message) => scalar(message),
      H3: (message) => scalar(nonce, message),
      H4: (message) => sha512(msg, message),
      H5: (message) => sha512(com, message),
    };
  }
  const [rho, chal, nonce, msg, com] = [tag("rho"), tag("chal"), tag("nonce"), tag("msg"), tag("com")];
  return {
    name,
    contextString,
    group: curve,
    H1: (message) => hashToField(curve, message, rho),
    H2:
      name === "taproot"
        ? (message) => curve.mod(bytesToInteger(taggedHash("BIP0340/challenge", message)))
        : (message) => hashToField(curve, message, chal),
    H3: (message) => hashToField(curve, message, nonce),
    H4: (message) => sha256(msg, message),
    H5: (message) => sha256(com, message),
  };
}
