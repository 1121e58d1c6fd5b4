import type { Commitment } from "@quorate/frost/aggregate";
import type { Member, OutcomeOf, SigningPackage } from "@quorate/orders";
import type { ReadyCommitment } from "./commitment-store.ts";
import type { AttemptReport } from "./records.ts";

/** One try at a request with one signing set. A retry is another attempt: new execution id, fresh nonces. */
export interface Attempt {
  readonly executionId: Uint8Array;
  /** Ascending by identifier. */
  readonly set: readonly Member[];
  /** One list per digest in the one-round form; `null` when the signers exchange commitments among themselves. */
  readonly commitments: readonly (readonly ReadyCommitment[])[] | null;
  readonly answers: Map<number, OutcomeOf<"shares">>;
  readonly report: AttemptReport;
  cancelTimer: () => void;
}

/** Members of the set that have not answered. */
export function silent(attempt: Attempt): readonly Member[] {
  return attempt.set.filter((member) => !attempt.answers.has(member.identifier));
}

/** The member of this attempt's set that runs on `node`. */
export function memberOn(attempt: Attempt, node: string): Member | undefined {
  return attempt.set.find((member) => member.node === node);
}

/** What an honest signer can have signed: message and tweak, from the request alone. */
export interface Item {
  readonly message: Uint8Array;
  readonly merkleRoot: Uint8Array | null;
}

/** What the signers of an attempt answer, one for each item, and its commitments with their points. */
export interface Answered {
  readonly package: SigningPackage;
  readonly commitments: readonly Commitment[];
}
