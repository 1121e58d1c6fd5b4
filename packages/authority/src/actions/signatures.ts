import { hex } from "@quorate/orders";
import { z } from "zod";
import { challengeOf } from "../credentials/client-data.ts";
import type { Assertion } from "../credentials/types.ts";
import { AuthorityError } from "../error.ts";
import type { Actor } from "../log/authorise.ts";
import { authorisationId } from "../log/challenge.ts";
import { type IdPrefix, idOf } from "../log/identifiers.ts";
import type { LogRecord } from "../log/record.ts";
import { type Change, type Judged, matchPath, rule } from "../log/rule.ts";
import { blocked, checkSignature, SIGNATURE_PATHS, type SignatureForm } from "../log/signature-request.ts";
import type { AdmittedRequest, Approval, Organisation } from "../log/state.ts";
import { activityDigest, demands } from "../policies/approval.ts";
import { evaluatePolicies, type Verdict } from "../policies/evaluate.ts";
import { MAX_MINUTES } from "../policies/schema.ts";
import { checkedFilling } from "../transfers/open.ts";

/** How long after it was admitted a request may be signed. */
export const ADMITTED_MS = 3600_000;
/** How long one waits whose policies say nothing of it: a week. */
const HELD_MS = 7 * 24 * 3600_000;
/** How long the log remembers requests that are over: longer than any velocity looks back. */
const KEPT_MS = (MAX_MINUTES + 1440) * 60_000;

const PREFIX: Readonly<Record<SignatureForm, IdPrefix>> = { signature: "sig", transaction: "tx", transfer: "xfr" };

/** What a body is: which it may be depends on the key, which the derivation of the digests knows. */
const body = z.record(z.string(), z.unknown());
type Body = z.output<typeof body>;

/** @throws AuthorityError `conflict` for an external id that an earlier request of the key has */
function externalIdFree(organisation: Organisation, key: string, { externalId }: Body): void {
  if (typeof externalId !== "string") return;
  for (const one of organisation.requests.values()) {
    if (one.key !== key || one.body.externalId !== externalId) continue;
    throw new AuthorityError("conflict", `externalId: request ${one.id} has it`, { field: "externalId" });
  }
}

/** What is over is forgotten in time, by the times of the log. */
function forget(organisation: Organisation, time: number): void {
  for (const one of organisation.requests.values()) {
    if (Math.max(one.created, one.deadline) + KEPT_MS > time) break;
    organisation.requests.delete(one.id);
    if (one.approval !== null) organisation.approvals.delete(one.approval);
  }
}

function approvalOf(
  { organisation, hash, time }: Judged<Body>,
  request: Omit<AdmittedRequest, "approval">,
  verdict: Verdict,
) {
  if (verdict.kind !== "hold") return null;
  const { id, initiator, key, wallet, path, body, filled } = request;
  const activity = {
    kind: "Wallets:Sign",
    requestId: id,
    initiatorId: initiator,
    keyId: key,
    walletId: wallet,
    path,
    body,
    ...(filled === null ? {} : { filled }),
  };
  const { groups, expires } = demands(organisation, verdict.policies, time);
  const approval: Approval = {
    ...{ id: idOf("ap", hash), initiator, activity, digest: activityDigest(activity), status: "Pending" },
    ...{ evaluations: verdict.evaluations, groups, decisions: [], expires: expires ?? time + HELD_MS },
    ...{ resolved: null, created: time, updated: time },
  };
  return approval;
}

function admit(judged: Judged<Body>): Change {
  const { organisation, action, body, hash, time } = judged;
  const actor = judged.actor as Actor;
  const { key, wallet, form } = checkSignature(organisation, actor, action.path, time);
  const verdict = evaluatePolicies(organisation, { key, wallet, form, actor, body, time });
  if (verdict.kind === "block") throw blocked(verdict);
  const filled = checkedFilling({ form, body, wallet, key }, action.filled, organisation.settings);
  if (verdict.kind === "pass" && filled === null) {
    throw new AuthorityError("conflict", "no policy holds or counts this: it is signed without the log");
  }
  externalIdFree(organisation, key.id, body);
  const told = {
    ...{ id: idOf(PREFIX[form], hash), record: hash, authorisation: authorisationOf(action.proof!) },
    ...{ initiator: actor.user.id, token: actor.token?.id ?? null, key: key.id, wallet: wallet?.id ?? null },
    ...{ form, path: action.path, body, filled, created: time },
  };
  const status: AdmittedRequest["status"] = verdict.kind === "hold" ? "Pending" : "Admitted";
  const counted = { ...told, status, deadline: time + ADMITTED_MS };
  const approval = approvalOf(judged, counted, verdict);
  const request: AdmittedRequest = {
    ...counted,
    approval: approval?.id ?? null,
    deadline: approval?.expires ?? counted.deadline,
  };
  return () => {
    forget(organisation, time);
    organisation.requests.set(request.id, request);
    if (approval !== null) organisation.approvals.set(approval.id, approval);
  };
}

/** Under which authorisation a record puts a request for a signature into the log, hex; `undefined` for records of other actions. @throws AuthorityError */
export function admittedAuthorisation({ action }: Pick<LogRecord, "action">): string | undefined {
  const isAdmission = action.method === "POST" && SIGNATURE_PATHS.some((path) => matchPath(path, action.path));
  return isAdmission && action.proof !== null ? authorisationOf(action.proof) : undefined;
}

function authorisationOf({ credentialAssertion }: Assertion): string {
  return hex(authorisationId(challengeOf(credentialAssertion.clientData)));
}

/** Requests for signatures that policies hold or count, or that leave something open. All others are signed without standing in the log. */
export const signatureRules = SIGNATURE_PATHS.map((path) =>
  rule({ method: "POST", path, operation: null, signed: true, fills: true, body, judge: admit }),
);
