import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import {
  AuthorityError,
  actionPath,
  bodyText,
  type Challenge,
  type Purpose,
  readChallenge,
} from "@quorate/authority/challenge";
import { ChallengeError, type ChallengeField } from "./challenge-error.ts";

/** The longest that a challenge may live, and how far clocks may differ, milliseconds: what signers accept. */
const MAX_LIFE_MS = 3600_000 + 60_000;

/** What an application knows of the request that it is making. */
export interface Expected {
  /** `POST`, `PUT` or `DELETE`; this and the next two are left out where there is no request yet, as at a login. */
  readonly method?: string;
  /** With or without a query, which is not signed. */
  readonly path?: string;
  /** As it is given to the client, before it becomes JSON. Without it: no body. */
  readonly body?: unknown;
  /** `networkId` of the network file. */
  readonly network?: string;
  /** `or-…` */
  readonly organisation?: string;
  /** `action` unless said. */
  readonly purpose?: Purpose;
  /** The user that is being registered or recovered. */
  readonly user?: string;
  /** Digests, by id, of what the application showed to its user: exactly these have to stand in the challenge. */
  readonly refs?: Readonly<Record<string, string>>;
  /** Milliseconds since 1970; the clock unless given. */
  readonly now?: number;
}

/**
 * Checks that a challenge describes the request that the application is making, and no other: what is signed then is good for nothing
 * else, whoever made the challenge.
 *
 * @param challenge the text that the server returned
 * @returns what the challenge says
 * @throws ChallengeError naming what differs
 */
export function verifyChallenge(challenge: string, expected: Expected): Challenge {
  const said = read(challenge);
  const { purpose = "action", network, organisation, user, method, path } = expected;
  same("purpose", said.purpose, purpose);
  if (network !== undefined) same("network", said.network, network);
  if (organisation !== undefined) same("organisation", said.organisation, organisation);
  if (user !== undefined) same("user", said.user ?? "nobody", user);
  if (method !== undefined) same("method", said.method, method);
  if (path !== undefined) same("path", said.path, actionPath(path));
  if (method !== undefined || path !== undefined || expected.body !== undefined) {
    same("body", said.body, digestOf(expected.body));
  }
  if (expected.refs !== undefined) same("refs", listed(said.refs ?? {}), listed(expected.refs));
  const aheadMs = said.expires - (expected.now ?? Date.now());
  if (aheadMs > MAX_LIFE_MS) throw new ChallengeError("expires", "is more than an hour away");
  return said;
}

function read(challenge: string): Challenge {
  try {
    return readChallenge(challenge);
  } catch (error) {
    if (error instanceof AuthorityError) throw new ChallengeError("challenge", error.message);
    throw error;
  }
}

function same(field: ChallengeField, said: string, expected: string): void {
  if (said === expected) return;
  throw new ChallengeError(field, `the challenge says ${said}, the application asks for ${expected}`);
}

/** What is sent is what JSON makes of a body: members that are `undefined` are not. */
function digestOf(body: unknown): string {
  const text = bodyText(body === undefined ? undefined : JSON.parse(JSON.stringify(body)));
  return bytesToHex(sha256(new TextEncoder().encode(text)));
}

function listed(refs: Readonly<Record<string, string>>): string {
  const names = Object.keys(refs).sort();
  return names.map((name) => `${name} ${refs[name]}`).join(", ") || "nothing";
}
