import type { Backend } from "@quorate/curves";
import { hex, type NetworkFile, networkHash, type ShareEvidence } from "@quorate/orders";
import {
  conflicts,
  type Evidence,
  encodeEvidence,
  type Frame,
  type Identifier,
  TO_ALL,
  verifyFrame,
} from "@quorate/protocol";
import { type Accused, type EvidenceDocument, type ScopeOf, toText } from "./document.ts";
import { SHARE_CODE, shareText } from "./share.ts";
import { type SessionSetting, type Stage, stageOf } from "./stage.ts";
import { statementOf } from "./statement.ts";
import { type Finding, readable, verifyEvidence } from "./verify.ts";

/** A document and what it proves. */
export interface Accusation {
  readonly document: EvidenceDocument;
  readonly finding: Extract<Finding, { proven: true }>;
}

const NOTHING: Uint8Array = new Uint8Array();

/**
 * Documents against those whom the evidence of a stopped run convicts, one for each, with no more messages than each needs. Whoever is
 * named and not convicted by what is shown gets none; nobody does where the setting contradicts itself or the network file.
 */
export function accuse(
  evidence: Evidence,
  setting: SessionSetting,
  network: NetworkFile,
  backend: Backend = "fast",
): readonly Accusation[] {
  const stage = readable(() => stageOf(setting, evidence.executionId, { network, backend }));
  if (stage === undefined) return [];
  const { participants } = stage;
  const frames = evidence.frames.filter((one) => verifyFrame(evidence, participants, one)).toSorted(byPlace);
  const signed = { ...evidence, frames };
  return evidence.culprits.flatMap((culprit) => {
    const publicKey = hex(participants.find((one) => one.identifier === culprit)?.publicKey ?? NOTHING);
    const node = network.nodes.find((one) => one.publicKey === publicKey)?.name;
    if (node === undefined) return [];
    const accused = { node, identifier: culprit, publicKey };
    for (const said of settingsOf(setting)) {
      for (const shown of exhibitions(signed, stage, culprit)) {
        const document = { ...written(said, shown, accused), network: hex(networkHash(network)) } as EvidenceDocument;
        const finding = verifyEvidence(document, network, backend);
        if (finding.proven) return [{ document, finding }];
      }
    }
    return [];
  });
}

/** The document about a wrong signature share; whether it holds is for `verifyEvidence` to say. */
export function accuseOfShare(
  evidence: ShareEvidence,
  scope: ScopeOf<"share">,
  accused: Accused,
  network: NetworkFile,
): EvidenceDocument {
  const what = { kind: "share", code: SHARE_CODE, accused } as const;
  const own = evidence.package.commitments.find((one) => one.identifier === accused.identifier);
  const statement = statementOf(what, own?.commitmentId ?? NOTHING);
  return { format: 1, ...what, network: hex(networkHash(network)), statement, scope, evidence: shareText(evidence) };
}

function written(setting: SessionSetting, evidence: Evidence, accused: Accused) {
  const { kind, scope } = setting;
  const statement = statementOf({ kind, code: evidence.code, accused }, evidence.executionId);
  return {
    format: 1,
    kind,
    code: evidence.code,
    accused,
    statement,
    scope,
    evidence: toText(encodeEvidence(evidence)),
  };
}

/** What could be said of the run, least first. */
function settingsOf(setting: SessionSetting): readonly SessionSetting[] {
  if (setting.kind !== "import") return [setting];
  return [{ ...setting, scope: { ...setting.scope, groupCommitment: null } }, setting];
}

/** What could be shown of the run, least first. */
function* exhibitions(evidence: Evidence, { participants }: Stage, culprit: Identifier): Generator<Evidence> {
  const { frames } = evidence;
  const showing = (shown: readonly Frame[], exhibit = NOTHING) => ({
    ...evidence,
    culprits: [culprit],
    frames: shown,
    exhibit,
  });
  const own = frames.filter((one) => one.from === culprit);
  if (evidence.code === "equivocation") {
    for (const conflict of conflicts(evidence, participants, own)) yield showing(conflict.frames);
    return;
  }
  if (evidence.code === "malformed") {
    for (const one of own) yield showing([one]);
    return;
  }
  yield showing(own);
  const seen = frames.filter((one) => one.to === TO_ALL || one.from === culprit);
  yield showing(seen);
  yield showing(seen, evidence.exhibit);
}

function byPlace(a: Frame, b: Frame): number {
  return a.round - b.round || a.from - b.from || a.to - b.to || Buffer.compare(a.body, b.body);
}
