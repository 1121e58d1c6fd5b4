/**
 * Two-party multiplication (DKLs23, eprint 2023/765, protocol 5.2): Bob has a random scalar chi and Alice two inputs; they end with random shares
 * of both products, `c1 + d1 = a1 * chi` and `c2 + d2 = a2 * chi`. Two messages over the seeds of one pair's base OT.
 *
 * Bob begins with an extension of the base OTs in which his choice bits, weighted with a public vector, are chi; Alice checks it, and
 * answers each OT with corrections from which Bob learns, where his bit is 1, her input under a pad. Both check values depend on
 * secrets of who checks: a failure says one bit of them, so whoever fails is never worked with again.
 *
 * Beside the paper: the challenges of the second check hash message 1 as well; pads are 32 bytes, drawn again where they are not below the
 * order; `msid` takes the place of a session and is everywhere.
 */
export { type AliceRun, aliceAnswer, aliceCheck } from "./alice.ts";
export { type BobRun, bobBegin, bobFinish } from "./bob.ts";
export { FailedCheck, type MultiplyParams, messageBytes } from "./params.ts";
