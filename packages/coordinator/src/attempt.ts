import type { DerivedItem } from "@quorate/authority";
import type { SigningContext } from "@quorate/frost/aggregate";
import type { Member, Order, OutcomeOf, SignedShare, SigningPackage } from "@quorate/orders";
import type { ReadyCommitment } from "./commitment-store.ts";
import type { Pool } from "./presignature-store.ts";
import type { AttemptReport, Form } from "./records.ts";

/** A signing set and what it signs with, for a FROST key. */
export interface FrostPlan {
  readonly family: "frost";
  /** Ascending by identifier. */
  readonly set: readonly Member[];
  /** One list per digest in the one-round form; `null` when the signers exchange commitments among themselves. */
  readonly commitments: readonly (readonly ReadyCommitment[])[] | null;
}

/** The same for an ECDSA key. */
export interface EcdsaPlan {
  readonly family: "ecdsa";
  /** Ascending by identifier. */
  readonly set: readonly Member[];
  /** What was taken of the set's pool, one per digest; `null` when the signers run all rounds. */
  readonly presignatures: Pool | null;
}

interface Course {
  readonly executionId: Uint8Array;
  readonly report: AttemptReport;
  cancelTimer: () => void;
}

export type FrostAttempt = FrostPlan &
  Course & {
    readonly answers: Map<number, OutcomeOf<"shares">>;
    /** One per digest; absent while only the signers know. */
    answered?: readonly Answered[];
  };
export type EcdsaAttempt = EcdsaPlan & Course & { readonly answers: Map<number, OutcomeOf<"ecdsaShares">> };

/** One try at a request with one signing set. A retry is another attempt: new execution id, fresh nonces. */
export type Attempt = FrostAttempt | EcdsaAttempt;

/** An attempt that begins. @param startedMs since the request was accepted */
export function attemptOf(plan: FrostPlan | EcdsaPlan, executionId: Uint8Array, startedMs: number): Attempt {
  const signers = plan.set.map((member) => member.node);
  const report = { signers, form: formOf(plan), startedMs, endedMs: null, result: null, culprits: [] };
  return { ...plan, executionId, report, answers: new Map(), cancelTimer: () => {} };
}

/** What signers answer with. */
export type Shares = OutcomeOf<"shares"> | OutcomeOf<"ecdsaShares">;

/** Keeps an answer. @returns whether it is of the kind that was asked for */
export function answer(attempt: Attempt, { identifier }: Member, shares: Shares): boolean {
  if (attempt.family === "frost" && shares.kind === "shares") attempt.answers.set(identifier, shares);
  else if (attempt.family === "ecdsa" && shares.kind === "ecdsaShares") attempt.answers.set(identifier, shares);
  else return false;
  return true;
}

/** Members of the set that have not answered. */
export function silent(attempt: Attempt): readonly Member[] {
  return attempt.set.filter((member) => !attempt.answers.has(member.identifier));
}

/** The member of a set that runs on `node`. */
export function memberOn({ set }: { readonly set: readonly Member[] }, node: string): Member | undefined {
  return set.find((member) => member.node === node);
}

export function formOf(plan: FrostPlan | EcdsaPlan): Form {
  if (plan.family === "frost") return plan.commitments === null ? "two-round" : "one-round";
  return plan.presignatures === null ? "interactive" : "one-round";
}

/** What is said to each of the set. @param common what every order to sign says */
export function orderOf(attempt: Attempt, common: SigningFields): Order {
  const signers = attempt.set.map((member) => member.identifier);
  if (attempt.family === "frost" && attempt.commitments !== null) {
    const commitments = attempt.commitments.map((list) => list.map((one) => one.encoded));
    return { kind: "sign", ...common, commitments };
  }
  if (attempt.family === "ecdsa" && attempt.presignatures !== null) {
    const presignatures = attempt.presignatures.ready.map((one) => one.presignId);
    return { kind: "signPresigned", ...common, presignatures };
  }
  return { kind: "signInteractive", ...common, signers };
}

type SigningFields = Omit<Extract<Order, { kind: "signInteractive" }>, "kind" | "signers">;

/** What an honest signer can have signed: message and tweak, from the request alone. */
export type Item = Pick<DerivedItem, "message" | "merkleRoot">;

/** What the signers of an attempt answer, one for each item, and what their shares are added up by. */
export interface Answered {
  readonly package: SigningPackage;
  readonly context: SigningContext;
  /** Shares that were found to be signed by their sender. */
  readonly vouched: Set<SignedShare>;
}
