import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";

/** What Dfns clients send, the older ones included, and what an event stream resumes with. */
const HEADERS = [
  "authorization",
  "content-type",
  "last-event-id",
  "x-dfns-sdk-version",
  "x-dfns-useraction",
  "x-dfns-appid",
  "x-dfns-appsecret",
  "x-dfns-apisignature",
  "x-dfns-nonce",
];

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

function isLoopback(origin: string): boolean {
  const url = URL.parse(origin);
  return url !== null && /^https?:$/.test(url.protocol) && LOOPBACK.has(url.hostname);
}

/** Lets pages from this machine use the API, and pages from the origins given. */
export function crossOrigin(origins: readonly string[] = []): MiddlewareHandler {
  return cors({
    origin: (origin) => (isLoopback(origin) || origins.includes(origin) ? origin : null),
    allowMethods: ["GET", "POST", "PUT", "DELETE"],
    allowHeaders: HEADERS,
    exposeHeaders: ["retry-after"],
    maxAge: 600,
  });
}
