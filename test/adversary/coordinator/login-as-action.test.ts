import { describe, it } from "vitest";
import { Attack, BODY } from "../../support/attack.ts";
import { authorityOf, signaturePath } from "../../support/authorised-orders.ts";

describe("a signature that a user made for another purpose", () => {
  it.each(["login", "registration", "credential", "recovery", "endorsement"] as const)(
    "%s has nothing signed",
    (purpose) => {
      const attack = new Attack();
      const { keeper, key, network } = attack;
      const authority = authorityOf(keeper, signaturePath(key), BODY, network.admin, { purpose });
      attack.refused(attack.order({ authority }), "wrong_purpose");
    },
  );
});
