import { isIP } from "node:net";
import type { MiddlewareHandler } from "hono";
import { HttpError } from "../errors.ts";

/**
 * Refuses requests that were addressed to a name that is not ours: a web page whose name suddenly means this machine cannot reach it.
 * Addresses are no names.
 */
export function knownHost(names: readonly string[]): MiddlewareHandler {
  const known = new Set(["localhost", ...names]);
  return async (c, next) => {
    const { hostname } = new URL(c.req.url);
    if (!known.has(hostname) && !hostname.endsWith(".localhost") && isIP(hostname.replace(/^\[|\]$/g, "")) === 0) {
      throw new HttpError(
        "forbidden",
        `nothing is served under the name ${hostname.slice(0, 100)}`,
        "call it localhost",
      );
    }
    await next();
  };
}
