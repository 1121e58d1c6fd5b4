export {
  Abort,
  type AbortCode,
  type AbortDetails,
  type Consequence,
  consequence,
  demand,
  isAbortCode,
} from "./abort.ts";
export {
  type Conflict,
  compareBroadcasts,
  conflicts,
  decodeEvidence,
  type Evidence,
  encodeEvidence,
  MAX_EVIDENCE_BYTES,
} from "./evidence.ts";
export {
  type BroadcastStep,
  broadcast,
  type CheckpointStep,
  checkpoint,
  deliver,
  type Inbox,
  type PrivateStep,
  type Protocol,
  type Round,
  type Step,
  type TamperedStep,
} from "./exchange.ts";
export { echoOf, type Frame, type Scope, signFrame, statement, TO_ALL, verifyFrame } from "./frame.ts";
export { type Identifier, MAX_PARTICIPANTS, ordered, type Participant } from "./participant.ts";
export { type DropReason, type Outgoing, Session, type SessionSetup, type SessionState } from "./session.ts";
export { type Edit, tamper, tampered } from "./tamper.ts";
