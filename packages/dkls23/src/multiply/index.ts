export { type AliceRun, aliceAnswer, aliceCheck } from "./alice.ts";
export { type BobRun, bobBegin, bobFinish, MESSAGE_1_BYTES, MESSAGE_2_BYTES } from "./bob.ts";
export { FailedCheck, type MultiplyParams } from "./params.ts";
