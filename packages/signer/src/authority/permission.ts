import {
  type Assertion,
  actorOf,
  bodyDigest,
  CLOCK_SKEW_MS,
  challengeOf,
  type Organisation,
  type PermittedSignature,
  parseAssertion,
  permitAdmitted,
  permitSignature,
  readChallenge,
} from "@quorate/authority";
import { type DerivationPath, InputError, type OrderOf, type SigningAuthority } from "@quorate/orders";
import { asRefusal, Refused } from "../refused.ts";
import type { Logs } from "./logs.ts";

/** What allows an order to be answered. */
export interface Permit {
  /** Names the authorisation, hex: this signer answers one digest under it. */
  readonly id: string;
  readonly organisation: string;
  /** The key of the log that was made, and where below it what is signed with lies. */
  readonly key: string;
  readonly path: DerivationPath;
  readonly user: string;
  readonly token: string | null;
  /** Whether it can still begin anything; an expired one is answered only where it did. */
  readonly fresh: boolean;
  /** When it expires: no deadline is more than a day later. */
  readonly expires: number;
}

type Order = Pick<OrderOf<"sign">, "authority" | "request">;

/** The body of a request: an object. @throws Refused `invalid_request` */
export function parsedRequest(request: Uint8Array): Readonly<Record<string, unknown>> {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(request));
  } catch {
    throw new Refused("invalid_request", "the request is not JSON");
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new Refused("invalid_request", "the request is not an object of JSON");
  }
  return body as Readonly<Record<string, unknown>>;
}

/**
 * Whether a user may have this signed, by this signer's own copy of the log and its own clock.
 *
 * @param network `networkId`
 * @throws Refused with the code of the authority
 */
export function permit({ authority, request }: Order, logs: Pick<Logs, "state">, network: string, now: number): Permit {
  if (authority === null) throw new Refused("no_authorisation", "no user asked for this");
  const organisation = logs.state(authority);
  const body = parsedRequest(request);
  return asRefusal(() =>
    authority.kind === "inline"
      ? permitInline(organisation, authority, body, network, now)
      : permitLogged(organisation, authority, body, now),
  );
}

function permitInline(
  organisation: Organisation,
  { method, path, assertion: encoded }: Extract<SigningAuthority, { kind: "inline" }>,
  body: Readonly<Record<string, unknown>>,
  network: string,
  now: number,
): Permit {
  const assertion = parsedAssertion(encoded);
  const { expires } = readChallenge(challengeOf(assertion.credentialAssertion.clientData));
  const fresh = now <= expires + CLOCK_SKEW_MS;
  if (!fresh) actorOf(organisation, assertion, now); // whose token expired since then is answered no more
  const action = { method, path, body, assertion };
  return permitOf(organisation, permitSignature(organisation, network, action, fresh ? now : expires), fresh);
}

function permitLogged(
  organisation: Organisation,
  { requestId }: Extract<SigningAuthority, { kind: "admitted" }>,
  body: Readonly<Record<string, unknown>>,
  now: number,
): Permit {
  const permitted = permitAdmitted(organisation, requestId, now);
  if (bodyDigest(permitted.request.body) !== bodyDigest(body)) {
    throw new Refused("no_authorisation", `${requestId} was admitted with another body`);
  }
  return permitOf(organisation, permitted, true);
}

function permitOf({ id: organisation }: Organisation, permitted: PermittedSignature, fresh: boolean): Permit {
  const { key, authorisation, user, token, expires } = permitted;
  const { derivedFrom } = key;
  const made =
    derivedFrom === null ? { key: key.id, path: [] } : { key: derivedFrom.keyId, path: below(derivedFrom.path) };
  return { id: authorisation, organisation, ...made, user, token, fresh, expires };
}

/** The indices of a path such as `m/44/60/0`. */
function below(path: string): DerivationPath {
  return path.split("/").slice(1).map(Number);
}

function parsedAssertion(encoded: Uint8Array): Assertion {
  try {
    return parseAssertion(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(encoded)), "assertion");
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof InputError) {
      throw new Refused("no_authorisation", `assertion: ${error.message}`);
    }
    throw error;
  }
}
