export { aggregate, verifyShare } from "./aggregate.ts";
export {
  type Commitment,
  checkSigningSet,
  type EncodedCommitment,
  parseCommitment,
  parseCommitments,
} from "./commitment.ts";
export { type Contribution, type SigningContext, signingContext } from "./context.ts";
export { FrostError, type FrostErrorCode } from "./error.ts";
export { type PublicKeyPackage, parsePublicKeyPackage } from "./key.ts";
export { verifySignature } from "./signature.ts";
export { type FrostSuite, type FrostSuiteName, suite } from "./suite.ts";
export { type SigningKey, signingKey, verifyingKey } from "./tweak.ts";
