/** Why an authority refuses. The same words at the coordinator, at every signer and in the audit. */
export const AUTHORITY_CODES = [
  "no_authorisation",
  "bad_signature",
  "bad_challenge",
  "wrong_purpose",
  "expired",
  "unknown_credential",
  "inactive_credential",
  "unknown_user",
  "inactive_user",
  "user_absent",
  "user_not_verified",
  "stale_counter",
  "not_permitted",
  "wrong_origin",
  "already_used",
  "stale_head",
  "behind",
  "unknown_organisation",
  "unknown_key",
  "policy",
  "must_be_admitted",
  "locked",
  "halted",
  "bad_record",
  "bad_endorsement",
  "not_found",
  "conflict",
  "invalid_input",
] as const;
export type AuthorityErrorCode = (typeof AUTHORITY_CODES)[number];

/** What is wrong with somebody's authority: the code, in which field, and the way out. */
export class AuthorityError extends Error {
  override readonly name = "AuthorityError";
  readonly code: AuthorityErrorCode;
  readonly field: string | undefined;
  readonly hint: string | undefined;
  constructor(code: AuthorityErrorCode, message: string, more: { field?: string; hint?: string } = {}) {
    super(message);
    this.code = code;
    this.field = more.field;
    this.hint = more.hint;
  }
}
