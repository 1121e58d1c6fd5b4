import { hex } from "@quorate/orders";
import { idOf } from "../log/identifiers.ts";
import { needsAdmission, permitSignature } from "../log/signature-request.ts";
import { filledFor } from "../transfers/digests.ts";
import type { Filling } from "../transfers/filled.ts";
import { ecdsaPair } from "./keys.ts";
import { addEmployee } from "./members.ts";
import { type Asked, challengeFor, TestOrganisation } from "./organisation.ts";

export const FRIEND = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
export const STRANGER = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
export const MINUTE_MS = 60_000;

export type Body = Readonly<Record<string, unknown>>;
export const native = (amount: string, to = FRIEND): Body => ({ kind: "Native", to, amount });

const FILLING = { nonce: 3n, gas: 21_000n, maxFeePerGas: 30_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n };

/** What a coordinator fills in for a wallet on Sepolia: hex behind 0x. */
export function filledIn(body: Body, form: "transfer" | "transaction" = "transfer", change: Partial<Filling> = {}) {
  const filling = { ...FILLING, ...change };
  return `0x${hex(filledFor(form, body, { network: "EthereumSepolia" }, ecdsaPair(7).key, filling)!)}`;
}

/** An organisation with a wallet, and two who may approve. */
export function policyWorld() {
  const organisation = new TestOrganisation();
  const hash = organisation.act({
    method: "POST",
    path: "/wallets",
    body: { network: "EthereumSepolia", tags: ["hot"] },
  });
  const [wallet, key] = [idOf("wa", hash), idOf("key", hash)];
  const ann = addEmployee(organisation, "ann@example.test", ["PolicyApprovals:Approve", "Wallets:Transfers:Create"]);
  const bob = addEmployee(organisation, "bob@example.test", ["PolicyApprovals:Approve"]);
  const addPolicy = (rule: Body, action: Body = { kind: "Block" }, more: Body = {}) => {
    const body = { name: "limit", activityKind: "Wallets:Sign", rule, action, ...more };
    return idOf("plc", organisation.act({ method: "POST", path: "/v2/policies", body }));
  };
  const transfer = (body: Body) => {
    const path = `/wallets/${wallet}/transfers`;
    return { method: "POST", path, body, filled: filledIn(body) } as const satisfies Asked;
  };
  const sign = (asked: Asked, by = organisation.admin) => {
    const { state, network, time } = organisation;
    const assertion = by.assert(challengeFor(state, network, asked, time));
    return { ...asked, body: asked.body ?? {}, assertion };
  };
  const permit = (asked: Asked, by = organisation.admin) => {
    return permitSignature(organisation.state, organisation.network, sign(asked, by), organisation.time);
  };
  /** The form of what no policy stops or holds: signed at once or, filled in, admitted to the log at once. */
  const passes = (asked: Asked): string => {
    if (asked.filled === undefined) return permit(asked).form;
    const hash = organisation.act(asked);
    const { status, form } = [...organisation.state.requests.values()].find((one) => one.record === hash)!;
    return status === "Admitted" ? form : status;
  };
  const needs = (asked: Asked) => {
    return needsAdmission(organisation.state, organisation.network, sign(asked), organisation.time);
  };
  const decide = (approval: string, by: typeof ann.user, value = "Approved") => {
    return organisation.act(
      { method: "POST", path: `/v2/policy-approvals/${approval}/decisions`, body: { value } },
      by,
    );
  };
  return { organisation, wallet, key, ann, bob, addPolicy, transfer, sign, permit, passes, needs, decide };
}

export const approval = (...groups: readonly Body[]) => ({ kind: "RequestApproval", approvalGroups: groups });
export const anybody = { quorum: 1, approvers: {} };
