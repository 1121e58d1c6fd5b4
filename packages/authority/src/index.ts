export { fingerprintOf } from "./actions/attested.ts";
export { CREDENTIAL_CODE_PATH, CREDENTIAL_PATH } from "./actions/credentials.ts";
export { type Protocol, protocolFor } from "./actions/key-transfers.ts";
export { GENESIS_PATH, type Genesis } from "./actions/organisation.ts";
export { RECOVERY_PATH } from "./actions/recovery.ts";
export { REGISTRATION_PATH } from "./actions/registration.ts";
export { admittedAuthorisation } from "./actions/signatures.ts";
export { tokenCredentialId } from "./actions/token-keys.ts";
export { type Addresses, addresses } from "./address.ts";
export type { BitcoinAddresses } from "./bitcoin/network.ts";
export { canonicalJson, settled } from "./canonical-json.ts";
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
  readAssertion,
} from "./credentials/types.ts";
export { deriveDigests } from "./derive.ts";
export type { Derived, DerivedItem, EcdsaEncoding } from "./derived.ts";
export { AUTHORITY_CODES, AuthorityError, type AuthorityErrorCode } from "./error.ts";
export { type Assembled, assemble, assembleDerived, type SignatureParts } from "./finish.ts";
export type { PublicKeyFacts } from "./key.ts";
export * from "./log/authorise.ts";
export * from "./log/challenge.ts";
export { type IdPrefix, idOf, keygenExecution } from "./log/identifiers.ts";
export { type Court, found, judge, MAX_RECORD_AGE_MS, ruleFor } from "./log/judge.ts";
export * from "./log/permissions.ts";
export * from "./log/record.ts";
export { permissionDigest, policyDigest, type Refs, refsOf, userDigest } from "./log/refs.ts";
export * from "./log/signature-request.ts";
export { decodeSnapshot, encodeSnapshot, snapshotDigest } from "./log/snapshot.ts";
export type * from "./log/state.ts";
export { activityDigest, approvalStatus } from "./policies/approval.ts";
export { type Activity, type Evaluation, evaluatePolicies, type Verdict } from "./policies/evaluate.ts";
export { type Move, movesOf } from "./policies/moves.ts";
export { type PolicyBody, policyBody } from "./policies/schema.ts";
export { parseRequest, REQUEST_SCHEMAS, type RequestKind, type SignatureRequest } from "./request.ts";
export { requestDigest } from "./request-digest.ts";
export {
  deriveTransfer,
  digestsFor,
  encodeSigningRequest,
  filledFor,
  intentOf,
  onNetwork,
  readSigningRequest,
  type SigningRequest,
} from "./transfers/digests.ts";
export type { Filling } from "./transfers/filled.ts";
export { CALL_SCHEMA, type Intent, TRANSFER_SCHEMAS } from "./transfers/intent.ts";
export { isOpen } from "./transfers/open.ts";
export { addressOn, chainIdOf, familyOf, type KeySpec, keySpecsOf } from "./wallet-network.ts";
