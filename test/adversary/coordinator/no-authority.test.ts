import { describe, it } from "vitest";
import { Attack } from "../../support/attack.ts";

describe("a coordinator without any user's signature", () => {
  it("gets nothing signed", () => {
    const attack = new Attack();
    attack.refused(attack.order({ authority: null }), "no_authorisation");
  });

  it("gets nothing signed with an assertion of its own making", () => {
    const attack = new Attack();
    const { authority } = attack.order();
    if (authority?.kind !== "inline") throw new Error("the order is of another kind");
    const assertion = JSON.parse(Buffer.from(authority.assertion).toString());
    const { signature } = assertion.credentialAssertion;
    assertion.credentialAssertion.signature = `${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
    const forged = { ...authority, assertion: Buffer.from(JSON.stringify(assertion)) };
    attack.refused(attack.order({ authority: forged }), "bad_signature");
    attack.refused(attack.order({ authority: { ...authority, assertion: Buffer.from("{}") } }), "no_authorisation");
    attack.refused(
      attack.order({ authority: { ...authority, assertion: Buffer.from("no json") } }),
      "no_authorisation",
    );
  });

  it("gets nothing signed for a request that it says the log admitted", () => {
    const attack = new Attack();
    const { keeper } = attack;
    const authority = {
      kind: "admitted",
      organisation: keeper.state.id,
      head: keeper.head,
      requestId: "sig-x",
    } as const;
    attack.refused(attack.order({ authority }), "not_found");
  });

  it("gets nothing signed for an organisation of its own", () => {
    const attack = new Attack();
    const { authority } = attack.order();
    attack.refused(attack.order({ authority: { ...authority!, organisation: "or-own" } }), "unknown_organisation");
  });
});
