export * from "./aggregate/index.ts";
export { type KeyShare, keyShare } from "./key-share.ts";
export { commit, Nonces } from "./nonces.ts";
export { type PreparedShare, prepareShare, signPrepared, signShare } from "./share.ts";
export { commitmentRound, exchangeCommitments, sign, signRounds } from "./sign.ts";
