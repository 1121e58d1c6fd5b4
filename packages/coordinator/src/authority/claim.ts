import type { Organisation } from "@quorate/authority";
import { InputError } from "@quorate/orders";
import type { RequestRecord } from "../records.ts";
import type { Logs } from "./logs.ts";
import { checkKey, permitted, type RequestAuthority } from "./request-authority.ts";

/** Who asks for a signature and by what right, as it is kept with the request; and with what in place of what they left open. */
export type Claim = Pick<
  RequestRecord,
  "organisation" | "requester" | "authority" | "path" | "walletId" | "transaction"
>;

/**
 * Checks by what right a signature is asked for, as the signers will.
 *
 * @param network `networkId`
 * @throws InputError
 */
export function claimOf(
  logs: Logs,
  network: string,
  asked: {
    readonly keyId: string;
    readonly body: Readonly<Record<string, unknown>>;
    /** Hex. */
    readonly transaction: string | undefined;
    readonly authority: RequestAuthority;
  },
  now: number,
): Claim {
  const { keyId, body, transaction = null, authority } = asked;
  const { organisation: id } = authority;
  const organisation = logs.get(id);
  if (authority.kind === "admitted") return loggedClaim(organisation, authority, keyId);
  const right = permitted(organisation, network, authority, body, now);
  checkKey(right, keyId);
  const { user: userId, token, wallet } = right;
  const requester = { userId, ...(token === null ? {} : { tokenId: token }) };
  return { organisation: id, requester, authority, path: authority.path, walletId: wallet?.id ?? null, transaction };
}

function loggedClaim(
  { id, requests }: Organisation,
  authority: RequestAuthority & { readonly kind: "admitted" },
  keyId: string,
): Claim {
  const request = requests.get(authority.requestId);
  if (request === undefined) {
    const message = `no request ${authority.requestId.slice(0, 64)} in the log`;
    throw new InputError("not_found", message, { field: "requestId" });
  }
  if (request.key !== keyId) {
    throw new InputError("forbidden", `request ${request.id} is for key ${request.key}`, { field: "keyId" });
  }
  const { initiator: userId, path, wallet, filled } = request;
  // As it stands there, whatever else was filled in since: signers sign nothing else.
  const transaction = filled === null ? null : filled.slice(2);
  return { organisation: id, requester: { userId }, authority, path, walletId: wallet, transaction };
}
