import {
  type AdmittedRequest,
  type Approval,
  addressOn,
  approvalStatus,
  type KeyEntity,
  type Organisation,
  type Policy,
  type Wallet,
} from "@quorate/authority";
import type { KeyRecord, RequestRecord } from "@quorate/coordinator";
import { unhex } from "@quorate/orders";
import { date } from "../shapes.ts";

/** A key, with the members that Dfns gives it. */
export function entityShape(key: KeyEntity, made: Pick<KeyRecord, "publicKey">) {
  return {
    id: key.id,
    scheme: key.scheme,
    curve: key.curve,
    publicKey: made.publicKey,
    ...(key.derivedFrom === null ? {} : { derivedFrom: key.derivedFrom }),
    ...(key.name === null ? {} : { name: key.name }),
    status: key.archivedAt === null ? "Active" : "Archived",
    custodial: key.delegatedTo === null,
    dateCreated: date(key.created),
    ...(key.imported ? { imported: true } : {}),
    ...(key.exportedAt === null ? {} : { exported: true, dateExported: date(key.exportedAt) }),
    ...(key.archivedAt === null ? {} : { dateDeleted: date(key.archivedAt) }),
  };
}

/** A key by itself: with its wallets, and the store that it lies in. */
export function singleEntityShape(organisation: Organisation, key: KeyEntity, made: KeyRecord, networkId: string) {
  const wallets = [...organisation.wallets.values()].filter((one) => one.key === key.id && one.archivedAt === null);
  const derivation = key.derivedFrom === null ? {} : { derivationPath: key.derivedFrom.path };
  return {
    ...entityShape(key, made),
    wallets: wallets.map(({ id, network }) => ({ id, network })),
    store: { id: networkId, kind: "Mpc", keyId: made.keyId, ...derivation },
  };
}

/** A wallet, with the members that Dfns gives it; its address where the form of the network's addresses is known. */
export function walletShape(wallet: Wallet, key: KeyEntity, made: KeyRecord) {
  const address = addressOn(wallet.network, { suite: made.suite, publicKey: unhex(made.publicKey) });
  return {
    id: wallet.id,
    network: wallet.network,
    ...(address === undefined ? {} : { address }),
    signingKey: {
      ...{ id: key.id, scheme: key.scheme, curve: key.curve, publicKey: made.publicKey },
      ...(key.delegatedTo === null ? {} : { delegatedTo: key.delegatedTo }),
    },
    status: wallet.archivedAt === null ? "Active" : "Archived",
    dateCreated: date(wallet.created),
    ...(wallet.archivedAt === null ? {} : { dateDeleted: date(wallet.archivedAt) }),
    custodial: key.delegatedTo === null,
    ...(wallet.name === null ? {} : { name: wallet.name }),
    ...(wallet.externalId === null ? {} : { externalId: wallet.externalId }),
    tags: wallet.tags,
  };
}

/** What became of a signed transaction on its chain. */
export interface Broadcast {
  readonly status: "Broadcasted" | "Confirmed" | "Failed";
  readonly txHash?: string;
  readonly fee?: string;
  readonly reason?: string;
  readonly dateBroadcasted?: string;
  readonly dateConfirmed?: string;
}

/** A request for a signature, of whatever form, with the members that Dfns gives it; what Dfns has no place for is in `_quorate`. */
export function requestShape(
  organisation: Organisation,
  record: RequestRecord,
  wallet: Wallet | null,
  broadcast?: Broadcast,
) {
  const logged = organisation.requests.get(record.id);
  const network = wallet?.network ?? record.body.network;
  return {
    id: record.id,
    keyId: record.keyId,
    ...(wallet === null ? {} : { walletId: wallet.id }),
    ...(typeof network === "string" ? { network } : {}),
    requester: record.requester ?? { userId: logged?.initiator ?? "" },
    requestBody: record.body,
    status: record.status,
    ...(record.reason === null ? {} : { reason: record.reason }),
    ...record.result,
    ...(logged === undefined || logged.approval === null ? {} : approvalPart(organisation, logged)),
    dateRequested: date(record.dateRequested),
    ...(record.dateSigned === null ? {} : { dateSigned: date(record.dateSigned) }),
    ...(record.externalId === null ? {} : { externalId: record.externalId }),
    ...broadcast,
    _quorate: { attempts: record.attempts, timing: record.timing },
  };
}

function approvalPart({ approvals }: Organisation, { approval: id }: AdmittedRequest) {
  const resolved = approvals.get(id!)?.resolved ?? null;
  return { approvalId: id, ...(resolved === null ? {} : { datePolicyResolved: date(resolved) }) };
}

/** A policy, with the members that Dfns gives it. */
export function policyShape({ id, name, activityKind, rule, action, filters, archivedAt, created, updated }: Policy) {
  const dates = { dateCreated: date(created), dateUpdated: date(updated) };
  return {
    id,
    name,
    activityKind,
    rule,
    action,
    filters,
    status: archivedAt === null ? "Active" : "Archived",
    ...dates,
  };
}

/** An approval, with the members that Dfns gives it; the digest that a decision's challenge names is in `_quorate`. */
export function approvalShape(approval: Approval, now: number) {
  const status = approvalStatus(approval, now);
  const { kind, ...request } = approval.activity;
  return {
    id: approval.id,
    initiatorId: approval.initiator,
    activity: { kind, signatureRequest: { id: request.requestId, ...request } },
    status,
    ...(approval.expires === null ? {} : { expirationDate: date(approval.expires) }),
    dateCreated: date(approval.created),
    dateUpdated: date(approval.updated),
    ...(approval.resolved === null ? {} : { dateResolved: date(approval.resolved) }),
    policyEvaluations: approval.evaluations,
    decisions: approval.decisions.map(({ user, date: at, reason, value }) => {
      return { userId: user, date: date(at), ...(reason === null ? {} : { reason }), value };
    }),
    _quorate: { digest: approval.digest, activity: approval.activity },
  };
}
