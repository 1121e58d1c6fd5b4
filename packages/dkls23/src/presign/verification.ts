import { bytesToInteger, constantTimeEqual, multiplySecret } from "@quorate/curves";
import { Abort, type AbortCode, type Identifier } from "@quorate/protocol";
import { type AliceRun, aliceCheck, type BobRun, bobFinish, FailedCheck } from "../multiply/index.ts";
import type { Pair, Run } from "./config.ts";
import { multiplicationOf } from "./multiplication.ts";
import type { Answer, Commitment, Extension } from "./rounds.ts";
import { commitmentTo } from "./transcript.ts";

/** What Bob has of a multiplication in the end: d^u and d^v. */
export interface Products {
  readonly du: bigint;
  readonly dv: bigint;
}

/** @throws Abort `pair_burned` if this node no longer works with one of the co-signers */
export function refuseBurned({ peers, pairs }: Run): void {
  if (peers.some((one) => pairs.get(one)!.burned)) throw new Abort("pair_burned");
}

/**
 * Round 2, at receipt: the setup first, since two honest nodes with different setups would fail the check that follows; then Alice's
 * check of the extension. Its result depends on her long-term secret: one failure, and the pair is burned.
 */
export function checkExtension(run: Run, sid: Uint8Array, { setupId, message }: Extension, from: Identifier): AliceRun {
  refuseBurned(run);
  const pair = run.pairs.get(from)!;
  if (!constantTimeEqual(setupId, pair.setup.setupId)) throw new Abort("setup_mismatch");
  const params = multiplicationOf(run, sid, from, run.self);
  return burning(pair, from, "bad_extension", () => aliceCheck(params, pair.setup.alice, message));
}

/** Round 3, at receipt: all that can be said about one answer. `bob` is the run that it answers. */
export function checkAnswer(run: Run, commitment: Commitment, bob: BobRun, answer: Answer, from: Identifier): Products {
  refuseBurned(run);
  const { bigR, salt } = answer;
  const opens = constantTimeEqual(commitment.commitment, commitmentTo(run, from, commitment.nonce, bigR, salt));
  if (!opens) throw new Abort("bad_opening", [from]);
  const pair = run.pairs.get(from)!;
  const { d1: du, d2: dv } = burning(pair, from, "bad_multiplication", () => bobFinish(bob, answer.message));
  if (!isConsistent(run, bob.chi, { du, dv }, answer)) {
    pair.burn();
    throw new Abort("bad_consistency", [from]);
  }
  return { du, dv };
}

/**
 * Did the sender multiply with the r_j behind R_j and the sk_j behind pk_j? That is
 * `chi * R_j = d^u * G + Gamma^u` and `chi * pk_j = d^v * G + Gamma^v`, here both at once: the second times a fresh `rho` of 128 bits
 * that the sender cannot have known.
 */
function isConsistent({ group, random }: Run, chi: bigint, { du, dv }: Products, answer: Answer): boolean {
  const rho = bytesToInteger(random(16));
  const inputs = group.add(answer.bigR, group.multiply(answer.pk, rho));
  const images = group.add(answer.gammaU, group.multiply(answer.gammaV, rho));
  const outputs = group.add(group.base(group.mod(du + rho * dv)), images);
  return group.equals(multiplySecret(group, inputs, chi, random), outputs);
}

/** Runs a check whose failure burns the pair: first that, then the abort. */
function burning<T>(pair: Pair, from: Identifier, code: AbortCode, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof FailedCheck)) throw error;
    pair.burn();
    throw new Abort(code, [from]);
  }
}
