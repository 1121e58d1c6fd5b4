import { type LogRecord, parseAssertion } from "@quorate/authority";
import { describe, expect, it } from "vitest";
import { Attack, BODY } from "../../support/attack.ts";
import { answersTo, authorityOf, signaturePath } from "../../support/authorised-orders.ts";

const RULE = { kind: "TransactionCountVelocity", configuration: { limit: 9, timeframe: 10 } };
const POLICY = { name: "count", activityKind: "Wallets:Sign", rule: RULE, action: { kind: "Block" } };

describe("a coordinator that has a request answered, and then a policy that counts it in the log", () => {
  it("does not get it into the log by a signer that answered it, or cannot tell; by others it does", () => {
    const attack = new Attack();
    const { keeper, network, key } = attack;
    const path = signaturePath(key);
    const authority = authorityOf(keeper, path, BODY);
    expect(answersTo(keeper, attack.order({ authority }))).toEqual(["shares"]);
    keeper.act({ method: "POST", path: "/v2/policies", body: POLICY });
    const proof = parseAssertion(JSON.parse(new TextDecoder().decode(authority.assertion)), "proof");
    const { action, ...place } = keeper.next({ method: "POST", path, body: BODY });
    const record: LogRecord = { ...place, action: { ...action, proof } };
    const refused = { kind: "recordRefused", code: "already_used" };
    expect(keeper.propose(record, ["signer-1", "signer-2"])).toMatchObject([refused, { kind: "countersigned" }]);
    const again = () => {
      network.kill("signer-1");
      network.restart("signer-1");
      return keeper.propose(record, ["signer-1"]);
    };
    expect(again()).toMatchObject([refused]);
    const binding = [...network.disks.get("signer-1")!.values()].find((one) => one.kind === "binding")!;
    network.damaged.add(`binding ${binding.id} 0`);
    expect(again()).toMatchObject([refused]);
  });
});
