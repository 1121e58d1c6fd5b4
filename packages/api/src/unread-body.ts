import type { MiddlewareHandler } from "hono";

/** What is taken in of a body that nobody wanted, bytes; a longer one ends its connection. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;

/**
 * Takes in what is left of a body before the answer goes out: a refusal may come before anybody read it, and the server below hangs up on
 * a client whose body is not there half a second later, be it that this process was busy, in the middle of the client's next request.
 */
export const takeBody: MiddlewareHandler = async (c, next) => {
  await next();
  const { raw } = c.req;
  const length = Number(c.req.header("content-length"));
  if (raw.bodyUsed || !(length > 0 && length <= MAX_UNREAD_BYTES)) return;
  const reader = raw.body?.getReader();
  const done = async () => (await reader?.read())?.done ?? true;
  try {
    while (!(await done()));
  } catch {
    // Who goes away needs no answer.
  }
};
