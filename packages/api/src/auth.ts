import { createHash, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { HttpError } from "./errors.ts";

/** A shorter token could be guessed. */
const MIN_TOKEN_LENGTH = 16;
const HINT =
  "send the header authorization: Bearer <token>; the token is printed when the network starts, and by: quorate env";

const digest = (text: string) => createHash("sha256").update(text).digest();

/**
 * Lets only the holder of the token pass. Digests are compared, in constant time: how long it takes tells neither the
 * length of the token nor how much of a guess was right.
 *
 * @throws Error if `token` has fewer than 16 characters
 */
export function bearer(token: string): MiddlewareHandler {
  if (token.length < MIN_TOKEN_LENGTH) throw new Error(`the API token has fewer than ${MIN_TOKEN_LENGTH} characters`);
  const expected = digest(token);
  return async (c, next) => {
    const given = bearerText(c);
    if (!timingSafeEqual(digest(given), expected)) throw unauthorized("this is not the token of this network");
    await next();
  };
}

/** What the authorization header carries. @throws HttpError 401 */
export function bearerText(c: Context): string {
  const header = c.req.header("authorization");
  if (header === undefined) throw unauthorized("this request carries no token");
  const given = /^bearer +(\S+) *$/i.exec(header)?.[1];
  if (given === undefined) throw unauthorized("the authorization header is not of the form: Bearer <token>");
  return given;
}

export function unauthorized(message: string): HttpError {
  return new HttpError("unauthorized", message, HINT, { "www-authenticate": 'Bearer realm="quorate"' });
}
