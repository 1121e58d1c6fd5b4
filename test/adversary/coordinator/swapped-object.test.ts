import { idOf } from "@quorate/authority";
import { challengeFor, TestUser } from "@quorate/authority/testing";
import { describe, expect, it } from "vitest";
import { Attack } from "../../support/attack.ts";
import { auditOf } from "../../support/audit.ts";

describe("a coordinator that shows a user one thing behind an id and means another", () => {
  it("gets no record in which the challenge does not name what stands behind the id", () => {
    const { keeper, network } = new Attack();
    const permission = [...keeper.state.permissions.values()][1]!.id;
    const body = { name: "robot", publicKey: new TestUser().publicKey, permissionId: permission };
    const account = idOf("us", keeper.act({ method: "POST", path: "/auth/service-accounts", body }));
    const asked = {
      method: "POST",
      path: "/keys",
      body: { scheme: "EdDSA", curve: "ed25519", delegateTo: account },
    } as const;
    const refs = { [account]: "11".repeat(32) };
    const proof = network.admin.assert(challengeFor(keeper.state, "virtual", asked, keeper.now, { refs }));
    const record = keeper.next(asked);
    const swapped = { ...record, action: { ...record.action, proof } };
    expect(keeper.propose(swapped, ["signer-1"])).toMatchObject([{ code: "bad_challenge" }]);
    expect(auditOf(network, "signer-1").at(-1)).toMatchObject({ kind: "recordRefused", code: "bad_challenge" });
  });
});
