import { describe, expect, it } from "vitest";
import { Attack, BODY } from "../../support/attack.ts";
import { answersTo, authorityOf, signaturePath } from "../../support/authorised-orders.ts";

describe("a coordinator that shows one authorisation again", () => {
  it("gets the same request answered until its deadline, and nothing else", () => {
    const attack = new Attack();
    const { keeper, network } = attack;
    const order = attack.order();
    const { authority, deadline } = order;
    expect(answersTo(keeper, order)).toEqual(["shares"]);
    expect(answersTo(keeper, attack.order({ authority, deadline }))).toEqual(["shares"]);
    attack.refused(attack.order({ authority, deadline: deadline + 1 }), "already_used");
    const spelled = new TextEncoder().encode(JSON.stringify(BODY, null, 2));
    attack.refused(attack.order({ authority, deadline, request: spelled }), "already_used");
    network.pass(70_000);
    attack.refused(attack.order({ authority, deadline }), "expired");
  });

  it("begins nothing under one that expired, however late the signer hears of it", () => {
    const attack = new Attack();
    const { keeper, key, network } = attack;
    const expires = keeper.now + 1000;
    const authority = authorityOf(keeper, signaturePath(key), BODY, network.admin, { expires });
    network.pass(61_001);
    attack.refused(attack.order({ authority }), "expired");
  });

  it("begins nothing under one that was made to live for longer than an hour", () => {
    const attack = new Attack();
    const { keeper, key, network } = attack;
    const expires = keeper.now + 3_700_000;
    const authority = authorityOf(keeper, signaturePath(key), BODY, network.admin, { expires });
    attack.refused(attack.order({ authority }), "bad_challenge");
  });
});
