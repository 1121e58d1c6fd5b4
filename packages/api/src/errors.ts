import { randomBytes } from "node:crypto";
import { InputError, type InputErrorCode, publicId } from "@quorate/orders";

/** What the API can refuse with: the codes of `InputError`, and those that only HTTP has. */
export type ErrorCode =
  | InputErrorCode
  | "unauthorized"
  | "method_not_allowed"
  | "too_large"
  | "wrong_content_type"
  | "starting"
  | "internal";

const STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid_input: 400,
  unsupported: 400,
  unauthorized: 401,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  too_large: 413,
  wrong_content_type: 415,
  impossible: 422,
  overloaded: 429,
  failed: 500,
  internal: 500,
  quorum_unavailable: 503,
  starting: 503,
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

/** A new public id for an answer that is an error: what a person quotes, and a log is searched for. */
export function errorId(): string {
  return publicId("err", randomBytes(17));
}

/**
 * The body and the headers of every refusal. Dfns clients read `error.message` (Node) or the top-level `message`
 * (Python): the text is in both places.
 */
export function errorResponse(error: InputError | HttpError, id: string = errorId()): Response {
  const { code, message, hint } = error;
  const status = STATUS[code];
  const isInput = error instanceof InputError;
  const details = { ...(isInput ? { ...error.details, field: error.field } : {}), code, hint };
  const retryAfter = RETRY_AFTER[code];
  const headers = {
    ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
    ...(isInput ? {} : error.headers),
  };
  return Response.json({ error: { id, status, message, details }, message }, { status, headers });
}
