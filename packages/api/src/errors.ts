import { randomBytes } from "node:crypto";
import { AuthorityError, type AuthorityErrorCode } from "@quorate/authority";
import { InputError, type InputErrorCode, publicId } from "@quorate/orders";

/** What the API can refuse with: the codes of `InputError`, and those that only HTTP has. */
export type ErrorCode =
  | InputErrorCode
  | "unauthorized"
  | "rate_limited"
  | "method_not_allowed"
  | "too_large"
  | "wrong_content_type"
  | "starting"
  | "internal";

const STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid_input: 400,
  unsupported: 400,
  bad_action: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  too_large: 413,
  wrong_content_type: 415,
  impossible: 422,
  overloaded: 429,
  rate_limited: 429,
  failed: 500,
  internal: 500,
  quorum_unavailable: 503,
  starting: 503,
  halted: 503,
};

/** Seconds after which asking again makes sense. */
const RETRY_AFTER: Readonly<Partial<Record<ErrorCode, number>>> = { overloaded: 1, quorum_unavailable: 2, starting: 1 };

/** A request that HTTP itself refuses, before the coordinator hears of it. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly code: ErrorCode;
  readonly hint: string;
  readonly headers: Readonly<Record<string, string>>;
  constructor(code: ErrorCode, message: string, hint: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.headers = headers;
  }
}

/** What a refusal of the authority is to HTTP, where it is not 403. */
const REFUSED: Readonly<Partial<Record<AuthorityErrorCode, ErrorCode>>> = {
  expired: "bad_action",
  already_used: "bad_action",
  bad_record: "invalid_input",
  invalid_input: "invalid_input",
  unknown_organisation: "not_found",
  unknown_key: "not_found",
  not_found: "not_found",
  conflict: "conflict",
  halted: "halted",
  stale_head: "quorum_unavailable",
  behind: "quorum_unavailable",
};

/** A new public id for an answer that is an error: what a person quotes, and a log is searched for. */
export function errorId(): string {
  return publicId("err", randomBytes(17));
}

/**
 * The body and the headers of every refusal. Dfns clients read `error.message` (Node) or the top-level `message`
 * (Python): the text is in both places.
 */
export function errorResponse(error: InputError | HttpError | AuthorityError, id: string = errorId()): Response {
  const { hint } = error;
  const message = shortened(error.message);
  const code = error instanceof AuthorityError ? (REFUSED[error.code] ?? "forbidden") : error.code;
  const status = STATUS[code];
  const isHttp = error instanceof HttpError;
  const authority = error instanceof AuthorityError ? { authority: error.code, field: error.field } : {};
  const details = {
    ...(error instanceof InputError ? { ...error.details, field: error.field } : authority),
    ...{ code, hint },
  };
  const retryAfter = RETRY_AFTER[code];
  const headers = {
    ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
    ...(isHttp ? error.headers : {}),
  };
  return Response.json({ error: { id, status, message, details }, message }, { status, headers });
}

/** The longest message, characters: it may say again what the caller sent, and that may be anything. */
const MAX_MESSAGE = 1000;

function shortened(message: string): string {
  return message.length <= MAX_MESSAGE ? message : `${message.slice(0, MAX_MESSAGE)}...`;
}
