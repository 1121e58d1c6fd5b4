import type { MiddlewareHandler } from "hono";
import { MAX_BODY_BYTES } from "./input.ts";

/**
 * Takes in what is left of a body before the answer goes out: a refusal may come before anybody read it, and the server below hangs up on
 * a client whose body is not there half a second later, be it that this process was busy, in the middle of the client's next request.
 */
export const takeBody: MiddlewareHandler = async (c, next) => {
  await next();
  const length = Number(c.req.header("content-length"));
  if (c.req.raw.bodyUsed || !(length > 0 && length <= MAX_BODY_BYTES)) return;
  await c.req.raw.arrayBuffer().catch(() => {}); // who goes away needs no answer
};
