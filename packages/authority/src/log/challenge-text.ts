import { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";
import { AuthorityError } from "../error.ts";
import { remembered } from "../remembered.ts";

/** What a signature over a challenge is good for. One made for another purpose is refused. */
export const PURPOSES = ["action", "login", "registration", "credential", "recovery", "endorsement"] as const;
export type Purpose = (typeof PURPOSES)[number];

/** The longest challenge text, characters. */
export const MAX_CHALLENGE_LENGTH = 8192;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const digest = z.string().regex(/^[0-9a-f]{64}$/, "64 lower-case hex digits");

const schema = z.strictObject({
  v: z.literal(1),
  /** `networkId` of the network file. */
  network: z.string().min(1).max(64),
  organisation: z.string().min(1).max(64),
  purpose: z.enum(PURPOSES),
  method: z.enum(["POST", "PUT", "DELETE"]),
  /** Without a query. */
  path: z.string().min(1).max(512).startsWith("/"),
  /** `bodyDigest` of the request's body, hex. */
  body: digest,
  /** base64url of at least 16 random bytes: no two challenges are the same. */
  nonce: z.string().regex(/^[A-Za-z0-9_-]{22,64}$/),
  /** Milliseconds since 1970: nothing is admitted under it afterwards. */
  expires: z.int().min(0),
  /** The user that is being registered or recovered, or whose credential is made. */
  user: z.string().min(1).max(64).optional(),
  /** What the action refers to by id, by digest: whoever signs approves exactly what it was shown. */
  refs: z.record(z.string().min(1).max(64), digest).optional(),
});

/** What a user signs: a text that describes one request in full, so that nobody has to trust who made it. */
export type Challenge = z.output<typeof schema>;

/** A request as a user means it. `body` is parsed JSON. */
export interface UserRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** The challenge as it travels: base64url of its canonical JSON (RFC 8785). */
export function challengeText(challenge: Challenge): string {
  return toBase64url(canonicalJson(challenge));
}

/**
 * Reads a challenge. Strict: the one encoding of one set of members, nothing besides.
 *
 * @throws AuthorityError `bad_challenge`
 */
export const readChallenge: (text: string) => Readonly<Challenge> = remembered((text) => {
  const refuse = (problem: string): never => {
    throw new AuthorityError("bad_challenge", `challenge: ${problem}`, { field: "challenge" });
  };
  if (text.length > MAX_CHALLENGE_LENGTH) return refuse(`longer than ${MAX_CHALLENGE_LENGTH} characters`);
  let raw: unknown;
  try {
    raw = JSON.parse(fromBase64url(text));
  } catch {
    return refuse("is not base64url of JSON");
  }
  const parsed = schema.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    return refuse(`${issue.path.map(String).join(".") || "(top)"}: ${issue.message}`);
  }
  if (!isCanonical(parsed.data, text)) return refuse("is not in its one canonical form");
  return Object.freeze(parsed.data);
});

/** Half surrogate pairs have no canonical form. */
function isCanonical(challenge: Challenge, text: string): boolean {
  try {
    return challengeText(challenge) === text;
  } catch {
    return false;
  }
}

/** The text that stands for a body: that of `{}` for an empty text, no body and `{}` itself, which clients do not tell apart. */
export function bodyText(body: unknown): string {
  const isEmpty = body === undefined || body === null || body === "";
  return canonicalJson(isEmpty ? {} : body);
}

/** The path of a request as challenges name it: without its query. */
export function actionPath(path: string): string {
  const at = path.indexOf("?");
  return at < 0 ? path : path.slice(0, at);
}

/** Without a Buffer: applications read challenges in browsers too. */
function toBase64url(text: string): string {
  const isPlain = /^[\0-\x7f]*$/.test(text);
  const base64 = btoa(isPlain ? text : String.fromCharCode(...encoder.encode(text)));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** @throws Error unless it is base64url of UTF-8 */
function fromBase64url(text: string): string {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  return decoder.decode(bytes);
}
