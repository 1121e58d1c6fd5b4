export { type Addresses, addresses } from "./address.ts";
export type { BitcoinAddresses } from "./bitcoin/network.ts";
export { canonicalJson, requestDigest } from "./canonical-json.ts";
export {
  type AssertionCheck,
  type KnownCredential,
  verifyAssertion,
} from "./credentials/assertion.ts";
export {
  type AttestationCheck,
  credentialFingerprint,
  type NewCredential,
  readAttestation,
} from "./credentials/attestation.ts";
export { challengeOf } from "./credentials/client-data.ts";
export {
  type Assertion,
  type Attestation,
  type CredentialKind,
  KEY_KINDS,
  type KeyKind,
  parseAssertion,
  parseAttestation,
  type RelyingParty,
} from "./credentials/types.ts";
export { deriveDigests } from "./derive.ts";
export type { Derived, DerivedItem, EcdsaEncoding } from "./derived.ts";
export { AuthorityError, type AuthorityErrorCode } from "./error.ts";
export { type Assembled, assemble, type SignatureParts } from "./finish.ts";
export type { PublicKeyFacts } from "./key.ts";
export { parseRequest, type RequestKind, type SignatureRequest } from "./request.ts";
