import { hex } from "@quorate/orders";
import { consequence, isAbortCode } from "@quorate/protocol";
import type { EvidenceDocument, EvidenceKind } from "./document.ts";

const RUNS: Readonly<Record<EvidenceKind, string>> = {
  keygen: "when a key was made",
  import: "when a key was imported",
  refresh: "when a key got new shares",
  commitments: "when signers exchanged nonce commitments",
  presign: "in the rounds of an ECDSA signature",
  share: "when a request was signed",
  pair: "when a pair of signers was set up",
};

/** What a document says of the accused, in words. */
export function statementOf(
  { kind, code, accused }: Pick<EvidenceDocument, "kind" | "code" | "accused">,
  executionId: Uint8Array | null,
): string {
  const meaning = isAbortCode(code) ? consequence(code).meaning : code;
  const run = executionId === null ? "" : ` (execution ${hex(executionId)})`;
  return `${accused.node}, as participant ${accused.identifier}, ${meaning}, ${RUNS[kind]}${run}`;
}
