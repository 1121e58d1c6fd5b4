import { challengeFor } from "@quorate/authority/testing";
import { describe, it } from "vitest";
import { Attack, BODY } from "../../support/attack.ts";
import { authorityOf, madeKey, signaturePath } from "../../support/authorised-orders.ts";

const encoded = (body: unknown) => new TextEncoder().encode(JSON.stringify(body));

describe("a coordinator with a user's signature over one request", () => {
  it("gets no other payload signed", () => {
    const attack = new Attack();
    const request = encoded({ ...BODY, message: "00fe" });
    attack.refused(attack.order({ request }), "no_authorisation");
  });

  it("gets nothing signed under another path, or another method", () => {
    const attack = new Attack();
    const authority = authorityOf(attack.keeper, signaturePath(attack.key), BODY);
    attack.refused(attack.order({ authority: { ...authority, path: "/keys/key-x/signatures" } }), "not_found");
    attack.refused(attack.order({ authority: { ...authority, path: "/keys" } }), "no_authorisation");
    attack.refused(attack.order({ authority: { ...authority, method: "PUT" } }), "no_authorisation");
  });

  it("gets nothing signed with another key: neither by its path, nor by its share", () => {
    const attack = new Attack();
    const other = madeKey(attack.keeper);
    const authority = authorityOf(attack.keeper, signaturePath(attack.key), BODY);
    attack.refused(attack.order({ authority: { ...authority, path: signaturePath(other) } }), "no_authorisation");
    attack.refused(attack.order({ keyId: other.keyId, authority }), "no_authorisation");
  });

  it("gets nothing signed that was meant for another network or organisation", () => {
    const attack = new Attack();
    const { keeper, key, network } = attack;
    for (const changes of [{ network: "elsewhere" }, { organisation: "or-elsewhere" }]) {
      const authority = authorityOf(keeper, signaturePath(key), BODY, network.admin, changes);
      attack.refused(attack.order({ authority }), "no_authorisation");
    }
  });

  it("gets nothing signed under a challenge that refers to things which the request does not", () => {
    const attack = new Attack();
    const { keeper, key, network } = attack;
    const refs = { "us-x": "00".repeat(32) };
    const authority = authorityOf(keeper, signaturePath(key), BODY, network.admin, { refs });
    attack.refused(attack.order({ authority }), "bad_challenge");
    const asked = { method: "POST", path: signaturePath(key), body: BODY } as const;
    const padded = `${challengeFor(keeper.state, "virtual", asked, keeper.now)}AA`;
    const assertion = Buffer.from(JSON.stringify(network.admin.assert(padded)));
    attack.refused(attack.order({ authority: { ...authority, assertion } }), "bad_challenge");
  });
});
