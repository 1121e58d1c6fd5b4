import type { Organisation, SignatureForm } from "@quorate/authority";
import type { Page, RequestRecord } from "@quorate/coordinator";
import { InputError } from "@quorate/orders";
import type { Access } from "../access/access.ts";
import type { Endpoints } from "../access/endpoints.ts";
import type { Session } from "../access/session.ts";
import { pageToken, readPage } from "../paging.ts";
import { type ApiContext, ask, segment } from "../routes.ts";
import { followed, send } from "./broadcasting.ts";
import { dataOf } from "./endings.ts";
import { keyOf, walletOf } from "./owned.ts";
import { scriptedRequest } from "./scenarios.ts";
import { approvalShape, policyShape, requestShape } from "./shapes.ts";
import { takeSignature } from "./signing.ts";

interface Family {
  readonly path: string;
  readonly form: SignatureForm;
  readonly read: string;
}

const FAMILIES: readonly Family[] = [
  { path: "/keys/:keyId/signatures", form: "signature", read: "Keys:Signatures:Read" },
  { path: "/wallets/:walletId/signatures", form: "signature", read: "Keys:Signatures:Read" },
  { path: "/wallets/:walletId/transactions", form: "transaction", read: "Wallets:Transactions:Read" },
  { path: "/wallets/:walletId/transfers", form: "transfer", read: "Wallets:Transfers:Read" },
];

/** Signatures by key and by wallet, transactions and transfers: asked for, listed, looked at. */
export function signatureEndpoints(endpoints: Endpoints): void {
  for (const family of FAMILIES) {
    const { access } = endpoints;
    endpoints.action("POST", family.path, null, async (_, call) => {
      const taken = await takeSignature(access, call);
      const { record, wallet } = taken;
      const isSent = family.form !== "signature" && record.status === "Signed" && wallet !== null;
      const broadcast = isSent ? await send(access, record, wallet.network) : undefined;
      const { organisation } = call.session;
      const shape = requestShape(organisation, record, wallet, broadcast);
      access.hooks.publish(organisation.id, `wallet.${family.form}.requested`, dataOf(family.form, shape));
      if (record.status === "Pending") tellHeld(access, organisation, record.id);
      return shape;
    });
    endpoints.read(family.path, family.read, (c, session) => listed(access, c, session, family));
    endpoints.read(`${family.path}/:requestId`, family.read, (c, session) => one(access, c, session, family));
  }
}

function tellHeld({ hooks, now }: Access, organisation: Organisation, requestId: string): void {
  const approval = organisation.approvals.get(organisation.requests.get(requestId)?.approval ?? "");
  if (approval === undefined) return;
  for (const { policyId } of approval.evaluations.filter((one) => one.triggered)) {
    hooks.publish(organisation.id, "policy.triggered", { policy: policyShape(organisation.policies.get(policyId)!) });
  }
  hooks.publish(organisation.id, "policy.approval.pending", { approval: approvalShape(approval, now()) });
}

/** The wallet and key in the path. */
function targetOf(c: ApiContext, session: Session, { path }: Family) {
  if (path.startsWith("/wallets")) return walletOf(session, segment(c, "walletId"));
  return { key: keyOf(session, segment(c, "keyId")), wallet: null };
}

/** By key all its signatures are seen, by wallet those that were asked for there. */
function isOf({ form, path }: Family, record: RequestRecord, walletId: string | undefined): boolean {
  const asked = record.path;
  if (walletId !== undefined) return asked === path.replace(":walletId", walletId);
  return form === "signature" && asked.endsWith("/signatures");
}

async function shaped(
  access: Access,
  { organisation }: Session,
  record: RequestRecord,
  family: Family,
  walletId?: string,
) {
  const id = walletId ?? /^\/wallets\/([^/]+)\//.exec(record.path)?.[1] ?? "";
  const wallet = organisation.wallets.get(id) ?? null;
  const isOnChain = family.form !== "signature" && wallet !== null;
  return requestShape(
    organisation,
    record,
    wallet,
    isOnChain ? await sentLater(access, record, wallet.network) : undefined,
  );
}

/** What a policy held is sent when somebody looks at it after it was signed. */
async function sentLater(access: Access, record: RequestRecord, network: string) {
  if (record.status !== "Signed") return undefined;
  await send(access, record, network);
  return followed(access, record, network);
}

async function listed(access: Access, c: ApiContext, session: Session, family: Family) {
  const { key, wallet } = targetOf(c, session, family);
  const list = `${family.form}/${wallet?.id ?? key.id}`;
  const { limit, after } = readPage(c, list);
  const page = await ask<Page<RequestRecord>>((reply) => access.authority.signatures(key.id, limit, after, reply));
  const own = page.items.filter((record) => isOf(family, record, wallet?.id));
  const items = await Promise.all(own.map((record) => shaped(access, session, record, family, wallet?.id)));
  const next = page.next === null ? {} : { nextPageToken: pageToken(list, page.next) };
  return { ...(wallet === null ? { keyId: key.id } : { walletId: wallet.id }), items, ...next };
}

async function one(access: Access, c: ApiContext, session: Session, family: Family) {
  const { key, wallet } = targetOf(c, session, family);
  const id = segment(c, "requestId");
  const told = await scriptedRequest(access, id);
  const record = told ?? (await ask<RequestRecord>((reply) => access.authority.signature(id, reply)));
  if (record.keyId === key.id && isOf(family, record, wallet?.id)) {
    return shaped(access, session, record, family, wallet?.id);
  }
  throw new InputError("not_found", `no ${family.form} ${id.slice(0, 64)} of ${wallet?.id ?? key.id}`, {
    field: "requestId",
  });
}
