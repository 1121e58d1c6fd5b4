import {
  type Assertion,
  actorOf,
  CLOCK_SKEW_MS,
  challengeOf,
  type Organisation,
  type PermittedSignature,
  permitAdmitted,
  permitSignature,
  readAssertion,
  readChallenge,
  readSigningRequest,
  type Settings,
  signatureTarget,
} from "@quorate/authority";
import { type DerivationPath, InputError, type OrderOf, type SigningAuthority } from "@quorate/orders";
import { asRefusal, Refused } from "../refused.ts";
import type { Logs } from "./logs.ts";

/** What allows an order to be answered. */
export interface Permit {
  readonly organisation: string;
  readonly settings: Settings;
  /** What was permitted; its `authorisation` names it: this signer answers one digest under it. */
  readonly signature: PermittedSignature;
  /** The key of the log that was made, and where below it what is signed with lies. */
  readonly key: string;
  readonly path: DerivationPath;
  /** Whether it can still begin anything; an expired one is answered only where it did. */
  readonly fresh: boolean;
  /** The user's challenge ended then or later, milliseconds since 1970. */
  readonly challengeEnds: number;
}

type Inline = Extract<SigningAuthority, { kind: "inline" }>;

/**
 * Whether a user may have this signed, by this signer's own copy of the log and its own clock.
 *
 * @param network `networkId`
 * @throws Refused with the code of the authority
 */
export function permit(
  { authority, request }: Pick<OrderOf<"sign">, "authority" | "request">,
  logs: Pick<Logs, "state">,
  network: string,
  now: number,
): Permit {
  if (authority === null) throw new Refused("no_authorisation", "no user asked for this");
  return permitIn(logs.state(authority), authority, request, network, now);
}

/**
 * Whether they still may, by the newest state of the log that is here: it may have grown since the order came.
 *
 * @throws Refused
 */
export function checkPermitted(
  { authority, request }: Pick<OrderOf<"sign">, "authority" | "request">,
  logs: Pick<Logs, "newest">,
  network: string,
  now: number,
): void {
  if (authority !== null) permitIn(logs.newest(authority.organisation), authority, request, network, now);
}

function permitIn(
  organisation: Organisation,
  authority: SigningAuthority,
  request: Uint8Array,
  network: string,
  now: number,
): Permit {
  return asRefusal(() => {
    if (authority.kind === "inline") return permitInline(organisation, authority, request, network, now);
    const admitted = permitAdmitted(organisation, authority.requestId, now);
    return permitOf(organisation, admitted, true, admitted.request.created - CLOCK_SKEW_MS);
  });
}

function permitInline(
  organisation: Organisation,
  { method, path, assertion: encoded }: Inline,
  request: Uint8Array,
  network: string,
  now: number,
): Permit {
  const assertion = parsedAssertion(encoded);
  const { expires } = readChallenge(challengeOf(assertion.credentialAssertion.clientData));
  const fresh = now <= expires + CLOCK_SKEW_MS;
  if (!fresh) actorOf(organisation, assertion, now); // whose token expired since then is answered no more
  const { body } = readSigningRequest(signatureTarget(organisation, path).form, request);
  const action = { method, path, body, assertion };
  return permitOf(organisation, permitSignature(organisation, network, action, fresh ? now : expires), fresh, expires);
}

function permitOf(
  organisation: Organisation,
  signature: PermittedSignature,
  fresh: boolean,
  challengeEnds: number,
): Permit {
  const { derivedFrom, id } = signature.key;
  const made = derivedFrom === null ? { key: id, path: [] } : { key: derivedFrom.keyId, path: below(derivedFrom.path) };
  return { organisation: organisation.id, settings: organisation.settings, signature, ...made, fresh, challengeEnds };
}

/** The indices of a path such as `m/44/60/0`. */
function below(path: string): DerivationPath {
  return path.split("/").slice(1).map(Number);
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function parsedAssertion(encoded: Uint8Array): Assertion {
  try {
    return readAssertion(decoder.decode(encoded));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof InputError) {
      throw new Refused("no_authorisation", `assertion: ${error.message}`);
    }
    throw error;
  }
}
