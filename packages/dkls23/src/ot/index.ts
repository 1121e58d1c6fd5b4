export { type AliceSeeds, type BobSeeds, OT_PROTOCOL, OtFault, type PokContext } from "./base.ts";
export { type BaseAlice, baseAliceChoose, baseAliceFinish, baseAliceRespond } from "./base-alice.ts";
export { type BaseBob, baseBobChallenge, baseBobOpen, baseBobStart } from "./base-bob.ts";
