export { type Accusation, accuse, accuseOfShare } from "./accuse.ts";
export {
  type Accused,
  caseId,
  type EvidenceDocument,
  type EvidenceKind,
  formatEvidence,
  MAX_DOCUMENT_LENGTH,
  parseEvidence,
  type ScopeOf,
  type Setting,
  toText,
} from "./document.ts";
export { ROUND_VERDICTS, type RoundVerdict } from "./rounds.ts";
export type { SessionSetting } from "./stage.ts";
export { type Finding, verifyEvidence } from "./verify.ts";
