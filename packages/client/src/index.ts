/** For applications, in browsers too: nothing here needs Node. What does is in `@quorate/client/keys`. */
export { ChallengeError, type ChallengeField } from "./challenge-error.ts";
export {
  type Home,
  type SdkAuthApi,
  type SdkRegistrar,
  type SdkSigner,
  verifyInit,
  verifyingRegistrar,
  verifyingSigner,
  watchSdk,
} from "./sdk.ts";
export { type Expected, verifyChallenge } from "./verify-challenge.ts";
