import { AUTHORITY_CODES, type AuthorityErrorCode } from "@quorate/authority";
import type { InputError, Member, OutcomeOf, Refusal } from "@quorate/orders";
import type { ActiveRequest } from "./active-request.ts";
import type { Attempt } from "./attempt.ts";
import { inputError } from "./authority/refusal.ts";
import type { SigningParts } from "./signing.ts";

/** Refusals that may be otherwise at the next attempt. */
const PASSING: ReadonlySet<Refusal> = new Set([
  "busy",
  "unknown_nonce",
  "peer_unreachable",
  "unknown_presignature",
  "pair_not_ready",
  "pair_banned",
  "epoch_mismatch",
  "stale_head",
  "behind",
  "reconciling",
]);

/**
 * Takes in that a signer refuses an order: who refused for a reason that lasts is left out of this request from now on, who lacks
 * something gets it.
 *
 * @returns why the request ends, when so many find its authority wanting that trying others is no use
 */
export function heed(
  parts: Pick<SigningParts, "world" | "store" | "presignatures" | "logs" | "mismatch">,
  { request, attempt, member }: { request: ActiveRequest; attempt: Attempt; member: Member },
  { code, detail }: OutcomeOf<"refused">,
): InputError | undefined {
  const { world, store, presignatures, logs, mismatch } = parts;
  const { node, identifier } = member;
  const { id, organisation } = request.record;
  world.emit({ type: "order.refused", request: id, peer: node, code, detail });
  if (code === "unknown_nonce") store.forget(node, request.key.keyId);
  if (code === "epoch_mismatch") mismatch(node, request.key);
  if (code === "unknown_presignature") presignatures.mistaken({ key: request.key, set: attempt.set });
  if (code === "stale_head") logs.refresh(organisation);
  if (code === "behind") logs.carry(organisation, node);
  if (PASSING.has(code)) request.obstacles.strike(identifier);
  else request.obstacles.exclude(identifier, `refused (${code})`);
  if (PASSING.has(code) || authorityCode(code) === undefined) return undefined;
  request.objections.set(identifier, { code, detail });
  return overruled(request);
}

/** The objection that most raise, once more than half of the members object or too few are left to sign. */
function overruled({ key, objections }: ActiveRequest): InputError | undefined {
  const { members, minSigners } = key;
  if (2 * objections.size <= members.length && members.length - objections.size >= minSigners) return undefined;
  const said = [...objections.values()];
  const votes = (code: Refusal) => said.filter((one) => one.code === code).length;
  const [main] = said.toSorted((a, b) => votes(b.code) - votes(a.code));
  const code = main && authorityCode(main.code);
  if (main === undefined || code === undefined) return undefined;
  const message = `${said.length} of ${members.length} signers refuse: ${main.detail}`;
  return inputError({ code, message, field: undefined, hint: undefined });
}

function authorityCode(code: Refusal): AuthorityErrorCode | undefined {
  // Of a share that a signer lacks, not of an authority.
  return code === "unknown_key" ? undefined : AUTHORITY_CODES.find((one) => one === code);
}
