export * from "./aggregate/index.ts";
export type { AliceSeeds, BobSeeds } from "./ot/index.ts";
export { type Pair, type PresignConfig, presignContext } from "./presign/config.ts";
export { judgePresign, type PresignScope } from "./presign/judge.ts";
export { presign } from "./presign/presign.ts";
export {
  Presignature,
  type PresignatureSecrets,
  type PresignatureTerms,
  SpentPresignature,
} from "./presign/presignature.ts";
export { presignRounds } from "./presign/rounds.ts";
export { type PairConfig, pairContext, type Rank } from "./setup/config.ts";
export { judgePair, type PairScope } from "./setup/judge.ts";
export { decodePairSetup, encodePairSetup, type PairSetup, pairSetup } from "./setup/pair-setup.ts";
export { pairRounds } from "./setup/rounds.ts";
export { setUpPair } from "./setup/setup.ts";
export { signShare } from "./sign/share.ts";
