import type { Evidence } from "./evidence.ts";
import type { Identifier } from "./participant.ts";

/** What follows from an abort. */
export interface Consequence {
  /** `retry`: with fresh randomness, without the culprits. `ban`: the pair with the culprit is burned for good as well. */
  readonly verdict: "retry" | "ban";
  /** Whether the code names somebody. A code that blames nobody cannot carry culprits. */
  readonly blames: "culprits" | "nobody";
  /** For people. */
  readonly meaning: string;
}

const fault = (meaning: string): Consequence => ({ verdict: "retry", blames: "culprits", meaning });
const ban = (meaning: string): Consequence => ({ verdict: "ban", blames: "culprits", meaning });
const misfortune = (meaning: string): Consequence => ({ verdict: "retry", blames: "nobody", meaning });

const CONSEQUENCES = {
  equivocation: fault("signed two different messages for one place in the protocol"),
  malformed: fault("signed a message that does not have the agreed form"),
  bad_opening: fault("opened a commitment to something else than was committed to"),
  bad_proof: fault("did not prove to know what it committed to"),
  bad_share: fault("dealt a share that is not on its committed polynomial"),
  bad_chain_code: fault("opened its part of the chain code to something else than was committed to"),
  wrong_verifying_share: fault("claimed a verifying share that does not follow from what was dealt"),
  bad_share_proof: fault("did not prove to hold its share of the key that was made"),
  bad_transcript: fault("did not sign the transcript that everybody saw"),
  bad_signature_share: fault("sent a signature share that does not verify"),
  bad_setup: fault("broke the oblivious transfers that set up a pair"),
  bad_extension: ban("failed the consistency check of its oblivious transfers"),
  bad_multiplication: ban("failed the check of its multiplication"),
  bad_consistency: ban("multiplied with other values than it showed"),
  echo_mismatch: misfortune("participants received different broadcasts; comparing the signed frames shows from whom"),
  degenerate_key: misfortune("the randomness of all together gave an unusable key"),
  request_mismatch: misfortune("participants were asked for different things"),
  setup_mismatch: misfortune("the two ends of a pair hold different setups; the pair is set up anew"),
  warm_up_failed: misfortune("the new setup of a pair failed its first multiplication and is discarded"),
  pair_burned: misfortune("this node no longer works with one of the participants"),
  inconsistent_shares: misfortune("the shares of all together do not make the key, or made an unusable nonce"),
  timeout: misfortune("somebody did not answer in time"),
  unreachable: misfortune("a participant cannot be reached"),
  stopped: misfortune("stopped from outside"),
  defect: misfortune("our own defect"),
} as const satisfies Record<string, Consequence>;

/** Why a protocol stopped. */
export type AbortCode = keyof typeof CONSEQUENCES;

/** What follows from `code`. */
export function consequence(code: AbortCode): Consequence {
  return CONSEQUENCES[code];
}

/** Whether `text` is an abort code that this version knows. */
export function isAbortCode(text: string): text is AbortCode {
  return Object.hasOwn(CONSEQUENCES, text);
}

/** What an `Abort` may carry beside its code. */
export interface AbortDetails {
  /** What the protocol adds so that others can replay the failed check; never a key share or a nonce. */
  readonly exhibit?: Uint8Array;
  /** Attached by the `Session`. */
  readonly evidence?: Evidence;
}

/** A protocol stopped and what it made is discarded. Thrown by protocols, reported by `Session.state`. */
export class Abort extends Error {
  override readonly name = "Abort";
  readonly code: AbortCode;
  /** Ascending; empty if the code blames nobody. */
  readonly culprits: readonly Identifier[];
  readonly verdict: "retry" | "ban";
  readonly exhibit: Uint8Array;
  readonly evidence: Evidence | undefined;

  /** @throws RangeError when culprits and code do not fit: blame without a name, or a name without blame */
  constructor(code: AbortCode, culprits: readonly Identifier[] = [], details: AbortDetails = {}) {
    const { verdict, blames, meaning } = consequence(code);
    super(culprits.length === 0 ? `${code}: ${meaning}` : `${code}: ${culprits.join(", ")} ${meaning}`);
    if ((blames === "culprits") !== culprits.length > 0) throw new RangeError(`${code} blames ${blames}`);
    this.code = code;
    this.culprits = culprits.toSorted((a, b) => a - b);
    this.verdict = verdict;
    this.exhibit = details.exhibit ?? new Uint8Array();
    this.evidence = details.evidence;
  }
}

/**
 * Demands that a check holds for every peer.
 *
 * @throws Abort with `code`, naming exactly those for whom it does not
 */
export function demand<T>(
  code: AbortCode,
  inbox: ReadonlyMap<Identifier, T>,
  holds: (value: T, from: Identifier) => boolean,
  exhibit?: Uint8Array,
): void {
  const culprits = [...inbox].filter(([from, value]) => !holds(value, from)).map(([from]) => from);
  if (culprits.length > 0) throw new Abort(code, culprits, exhibit === undefined ? {} : { exhibit });
}
