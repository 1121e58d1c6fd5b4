import type { Identifier } from "@quorate/protocol";
import type { MultiplyParams } from "../multiply/index.ts";
import { otherRank } from "../setup/config.ts";
import { multiplicationId } from "../setup/transcript.ts";
import type { Run } from "./config.ts";

/** The multiplication of this run in which `b` is Bob and `a` is Alice; one of them is this signer. */
export function multiplicationOf(run: Run, sid: Uint8Array, b: Identifier, a: Identifier): MultiplyParams {
  const { group, suite, self, pairs } = run;
  const { setupId, rank } = pairs.get(b === self ? a : b)!.setup;
  const end = (identifier: Identifier) => ({ identifier, rank: identifier === self ? rank : otherRank(rank) });
  return { group, domain: suite, msid: multiplicationId(suite, setupId, sid, end(b), end(a)) };
}
