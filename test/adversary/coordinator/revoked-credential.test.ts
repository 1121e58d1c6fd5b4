import { idOf, tokenCredentialId } from "@quorate/authority";
import { TestUser } from "@quorate/authority/testing";
import { describe, expect, it } from "vitest";
import { Attack, BODY } from "../../support/attack.ts";
import { refusalsOf } from "../../support/audit.ts";
import { answersTo, authorityOf, signaturePath } from "../../support/authorised-orders.ts";

const FULL = (keeper: Attack["keeper"]) =>
  [...keeper.state.permissions.values()].find((one) => one.operations.includes("*"))!.id;

/** A robot that may sign with everything, and whose account can be switched off. */
function scene() {
  const attack = new Attack();
  const { keeper } = attack;
  const user = new TestUser();
  const body = { name: "robot", publicKey: user.publicKey, permissionId: FULL(keeper) };
  const hash = keeper.act({ method: "POST", path: "/auth/service-accounts", body });
  const robot = user.as(tokenCredentialId(hash));
  const off = { method: "PUT", path: `/auth/service-accounts/${idOf("us", hash)}/deactivate` } as const;
  const order = () => attack.order({ authority: authorityOf(keeper, signaturePath(attack.key), BODY, robot) });
  return { attack, keeper, network: attack.network, off, order };
}

describe("a coordinator with the signature of somebody whose access was revoked", () => {
  it("gets nothing signed, whatever head of the log it names", () => {
    const { attack, keeper, off, order } = scene();
    const { head } = keeper;
    expect(answersTo(keeper, order())).toEqual(["shares"]);
    keeper.act(off);
    attack.refused(order(), "inactive_user");
    attack.refused({ ...order(), authority: { ...order().authority!, head } }, "stale_head");
  });

  it("gets nothing signed by a signer that has only seen the revocation proposed, also after a restart, until something else is decided", () => {
    const { attack, keeper, network, off, order } = scene();
    const [said] = keeper.propose(keeper.next(off), ["signer-1"]);
    expect(said).toMatchObject({ kind: "countersigned" });
    attack.refused(order(), "inactive_user");
    const { deadline } = order();
    network.kill("signer-1");
    network.restart("signer-1");
    expect(answersTo(keeper, { ...order(), deadline })).toEqual(["inactive_user"]);
    expect(answersTo(keeper, order(), "signer-2")).toEqual(["shares"]);
  });

  it("cannot keep it from signers by showing it to one alone: the others hear of it and follow", () => {
    const { keeper, network, off, order } = scene();
    const before = keeper.head;
    keeper.act(off, network.admin, keeper.everybody, ["signer-5"]);
    network.pass(2100);
    const hidden = order();
    expect(answersTo(keeper, { ...hidden, authority: { ...hidden.authority!, head: before } }, "signer-2")).toEqual([
      "stale_head",
    ]);
    expect(refusalsOf(network, "signer-2").at(-1)).toBe("stale_head");
    expect(answersTo(keeper, order(), "signer-3")).toEqual(["inactive_user"]);
  });
});
