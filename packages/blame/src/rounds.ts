import type { AbortCode } from "@quorate/protocol";
import type { EvidenceKind } from "./document.ts";

/** What can be said of a round that went wrong. */
export interface RoundVerdict {
  readonly protocol: string;
  /** The kind of evidence that there is of it; `null` where there can be none. */
  readonly kind: EvidenceKind | null;
  readonly round: string;
  /** The codes for which evidence convinces everybody; `null` where there are none. */
  readonly proven: readonly AbortCode[] | null;
  /** What holds where nothing can be proven to others. */
  readonly otherwise: string;
}

const ANY = ["equivocation", "malformed"] as const;
const SILENCE = "silence is unresponsive, never guilty";
const ECHO =
  "differing broadcasts stop all (echo_mismatch) and blame nobody until the two signed copies are side by side";
const SECRET =
  "the check looks at secrets of the accuser, whose word is all that there is: no verdict; the pair is banned durably, on both ends";
const LATER =
  "the others' copies of what the accused was sent are confirmed by its own echo, so a judge needs no one's word";

const making = (protocol: string, kind: "keygen" | "import" | "refresh"): readonly RoundVerdict[] => [
  {
    protocol,
    kind,
    round: "1 commitments",
    proven: kind === "refresh" ? [...ANY, "bad_chain_code"] : ANY,
    otherwise: ECHO,
  },
  { protocol, kind, round: "2 openings", proven: [...ANY, "bad_opening", "bad_proof"], otherwise: ECHO },
  {
    ...{ protocol, kind, round: "3 shares, private" },
    proven: kind === "refresh" ? [...ANY, "bad_share"] : [...ANY, "bad_share", "bad_chain_code"],
    otherwise: "a share that never came proves nothing: its dealer is unresponsive",
  },
  {
    ...{ protocol, kind, round: "4 confirmations" },
    proven: [...ANY, "wrong_verifying_share", "bad_share_proof", "bad_transcript"],
    otherwise: LATER,
  },
];

/**
 * What can be proven of whom, by protocol and round: what `quorate blame rounds` prints. `equivocation` and `malformed` are proven in all
 * rounds of all protocols in which signers speak to signers.
 */
export const ROUND_VERDICTS: readonly RoundVerdict[] = [
  ...making("key generation", "keygen"),
  ...making("refresh", "refresh"),
  ...making("import", "import"),
  {
    ...{ protocol: "FROST, two rounds", kind: "commitments", round: "1 commitments", proven: ANY },
    otherwise:
      "that a list has not one commitment for each digest follows from the request: the signers see it and go on without the sender",
  },
  {
    ...{ protocol: "FROST", kind: "share", round: "signature share", proven: ["bad_signature_share"] },
    otherwise:
      "where a child of a key signed, only who has the key's chain code can check it: its holders do, and may add it to the document",
  },
  { protocol: "DKLs23", kind: "presign", round: "1 commitments", proven: ANY, otherwise: ECHO },
  {
    ...{ protocol: "DKLs23", kind: "presign", round: "2 extensions, private", proven: ANY },
    otherwise: `bad_extension: ${SECRET}; setup_mismatch blames nobody, the pair is set up anew`,
  },
  {
    ...{ protocol: "DKLs23", kind: "presign", round: "3 answers, private", proven: [...ANY, "bad_opening"] },
    otherwise: `bad_multiplication, bad_consistency: ${SECRET}; inconsistent_shares: one of the set is at fault, nobody knows who`,
  },
  {
    ...{ protocol: "DKLs23", kind: null, round: "4 signature shares", proven: null },
    otherwise:
      "u and w verify only all together: if the signature is wrong, at least one of exactly this set is at fault, and no wrong signature is released; the presignature is spent, and the request goes on with sets that tell the guilty by elimination, which orders the choice of signers and convicts nobody",
  },
  {
    ...{ protocol: "pair setup", kind: "pair", round: "1 to 10, private", proven: [...ANY, "bad_setup"] },
    otherwise:
      "bad_setup is proven where one message shows it (no element, one element twice); all else rests on private messages and secrets of the accuser: the setup is dropped, and not tried a third time until somebody readmits the node",
  },
  {
    ...{ protocol: "log of an organisation", kind: null, round: "proposal", proven: null },
    otherwise:
      "two records that a coordinator signed for one height prove nothing alone: an honest one drops a record that everybody refused, and operators may decide on another; what holds is that no two of them are ever committed, and the audit logs name both",
  },
  {
    ...{ protocol: "log of an organisation", kind: null, round: "countersignature", proven: null },
    otherwise:
      "a signer lets go of what it countersigned at the word of its operators, so that two countersignatures for one height prove nothing alone; what holds is that with at most t-1 dishonest signers only one record of a height is committed",
  },
  {
    ...{ protocol: "orders", kind: null, round: "different requests for one execution", proven: null },
    otherwise:
      "request_mismatch blames nobody: each signer keeps to what the user signed, and rounds of different requests do not fit together",
  },
  { protocol: "all", kind: null, round: "time-out, unreachable", proven: null, otherwise: SILENCE },
];
