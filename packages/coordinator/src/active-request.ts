import type { InputError, Refusal, SigningAuthority } from "@quorate/orders";
import type { Attempt, Item } from "./attempt.ts";
import type { Obstacles } from "./obstacles.ts";
import type { KeyRecord, RequestRecord, Timing } from "./records.ts";

/** A request on its way to a signature. */
export interface ActiveRequest {
  readonly record: RequestRecord;
  /** As it was when the attempt under way began. */
  key: KeyRecord;
  readonly items: readonly Item[];
  /** Whether an ECDSA presignature may sign it: the caller chose no digest itself. */
  readonly presignable: boolean;
  /** The body as the signers get it. */
  readonly bodyBytes: Uint8Array;
  /** Under whose authority, by the log as it is now. */
  readonly authority: () => SigningAuthority | null;
  /** What members of the key have against that authority, by identifier. */
  readonly objections: Map<number, { readonly code: Refusal; readonly detail: string }>;
  /** World time of acceptance and of the end, milliseconds. */
  readonly startedMs: number;
  readonly endMs: number;
  readonly attempts: Attempt[];
  readonly obstacles: Obstacles;
  /** How long signers that cannot be reached are waited for before the request is refused, milliseconds. */
  readonly patienceMs: number;
  /** Waits before another attempt. */
  pausing: boolean;
  /** Since when no set could sign. */
  shortSinceMs: number | undefined;
  /** Ends the wait for signers or pairs. */
  cancelWait: () => void;
  /** The attempts end here: stored and answered by the caller. */
  readonly finish: (end: SigningEnd) => void;
  /** As it was stored last. */
  ended: RequestRecord | undefined;
  /** The reports of the attempts changed: a verdict came in. */
  readonly amend: () => void;
}

/** How the attempts at a request ended. */
export type SigningEnd =
  | { readonly signatures: readonly Uint8Array[]; readonly timing: Timing }
  | { readonly error: InputError };

/** The attempt that is under way, if any. */
export function currentAttempt(request: ActiveRequest): Attempt | undefined {
  const last = request.attempts.at(-1);
  return last !== undefined && last.report.endedMs === null ? last : undefined;
}
