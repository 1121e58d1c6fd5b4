/** The kinds of mistake that a caller can make; the API maps each to a status. */
export type InputErrorCode =
  | "invalid_input"
  | "unsupported"
  // Who asks may not have it: what they signed is used or expired, or gives them no right to it, or nothing may be done now.
  | "bad_action"
  | "forbidden"
  | "halted"
  | "not_found"
  | "conflict"
  | "impossible"
  | "quorum_unavailable"
  | "overloaded"
  | "failed";

/** What a caller gets: what is wrong, in which field, and the way out. */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly code: InputErrorCode;
  readonly field: string | undefined;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  constructor(
    code: InputErrorCode,
    message: string,
    more: { field?: string; hint?: string; details?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message);
    this.code = code;
    this.field = more.field;
    this.hint = more.hint;
    this.details = more.details;
  }
}
