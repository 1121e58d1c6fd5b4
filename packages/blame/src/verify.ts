import { type Backend, DecodeError } from "@quorate/curves";
import { FrostError } from "@quorate/frost/aggregate";
import { CertificateError } from "@quorate/keygen";
import { hex, type NetworkFile, networkHash } from "@quorate/orders";
import { decodeEvidence, type Evidence, verifyFrame } from "@quorate/protocol";
import { caseId, type EvidenceDocument, toBytes } from "./document.ts";
import { proveShare } from "./share.ts";
import { type Bench, type SessionSetting, type Stage, stageOf } from "./stage.ts";
import { statementOf } from "./statement.ts";
import { must, same, Unproven } from "./unproven.ts";

/** What evidence came to. */
export type Finding =
  | {
      readonly proven: true;
      /** Names what the accused did: the same in all evidence of it. */
      readonly id: string;
      /** Of the key that was used; `null` where there was none yet. */
      readonly keyId: Uint8Array | null;
      readonly executionId: Uint8Array;
    }
  /** Nothing is proven: then it is whoever brings it that is not to be believed. */
  | { readonly proven: false; readonly reason: string };

/**
 * Decides, from the network file alone, whether evidence proves what it says of the node that it accuses. Nobody's word is taken: what
 * counts is what the accused signed, and what others signed where the accused's own signature confirms it. Against a node that followed
 * the protocol no such document can be made.
 */
export function verifyEvidence(document: EvidenceDocument, network: NetworkFile, backend: Backend = "fast"): Finding {
  try {
    const found = prove(document, { network, backend });
    must(document.statement === statementOf(document, found.executionId), "its statement is not what it proves");
    return { proven: true, id: caseId(document, found), ...found };
  } catch (error) {
    return { proven: false, reason: reasonOf(error) };
  }
}

function prove(document: EvidenceDocument, bench: Bench): { keyId: Uint8Array | null; executionId: Uint8Array } {
  const { network, accused } = document;
  must(network === hex(networkHash(bench.network)), "it is evidence in another network");
  const node = bench.network.nodes.find((one) => one.name === accused.node);
  must(node?.publicKey === accused.publicKey, "no signer of this network has the accused's name and identity");
  if (document.kind === "share") return proveShare(document, bench);
  const evidence = decodeEvidence(toBytes(document.evidence));
  const { executionId, code } = evidence;
  must(code === document.code, "its code is not that of its evidence");
  const stage = stageOf(document as SessionSetting, executionId, bench);
  proveSession(document, evidence, stage);
  if (document.kind === "import" && document.scope.groupCommitment !== null) {
    const scope = { ...document.scope, groupCommitment: null };
    must(!stageOf({ kind: "import", scope }, executionId, bench).judge(evidence), "it shows more than is needed");
  }
  return { keyId: stage.keyId, executionId };
}

/** All that stands in the evidence has to be signed, and needed. @throws Unproven */
function proveSession(
  { accused }: EvidenceDocument,
  evidence: Evidence,
  { participants, context, judge }: Stage,
): void {
  const { culprits, frames, exhibit } = evidence;
  must(culprits.length === 1 && culprits[0] === accused.identifier, "it does not accuse exactly this participant");
  const participant = participants.find((one) => one.identifier === accused.identifier);
  must(
    participant !== undefined && hex(participant.publicKey) === accused.publicKey,
    "the accused is not that participant of the run",
  );
  must(same(evidence.context, context), "its messages belong to another run than it says");
  must(
    frames.every((one) => verifyFrame(evidence, participants, one)),
    "a message is not signed by its sender",
  );
  must(judge(evidence), "the messages do not show it");
  must(exhibit.length === 0 || !judge({ ...evidence, exhibit: new Uint8Array() }), "it shows more than is needed");
}

/** @returns `undefined` where what others wrote cannot be read */
export function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    reasonOf(error);
    return undefined;
  }
}

/** Whatever is wrong with what others wrote is a reason; all else is our own mistake. */
function reasonOf(error: unknown): string {
  if (error instanceof Unproven || error instanceof CertificateError) return error.message;
  if (error instanceof DecodeError || error instanceof RangeError || error instanceof FrostError)
    return `it cannot be read: ${error.message}`;
  throw error;
}
