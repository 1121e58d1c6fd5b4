import { idOf } from "@quorate/authority";
import { describe, expect, it } from "vitest";
import { FILLINGS, TransferAttack } from "../../support/transfer-attack.ts";

const SETS = [
  [1, 2],
  [3, 4],
] as const;
const [FIRST, SECOND] = FILLINGS;
const SIGNED = ["ecdsaShares", "ecdsaShares"];

describe("a coordinator that fills one transfer in twice, for two signing sets that share nobody", {
  timeout: 180_000,
}, () => {
  it("gets neither signed beside the log", () => {
    const attack = new TransferAttack();
    const said = SETS.map((signers, at) => attack.order(signers, FILLINGS[at]!, attack.authority));
    expect(said.flat()).toEqual(Array(4).fill("must_be_admitted"));
  });

  it("gets at most one of them into the log, whomever it shows which, and that one signed by every set", () => {
    const attack = new TransferAttack();
    const { keeper } = attack;
    const [one, other] = [attack.admission(FIRST), attack.admission(SECOND)];
    const taken = (said: ReturnType<typeof keeper.propose>) => said.map((answer) => answer?.kind);
    expect(taken(keeper.propose(one, keeper.everybody.slice(0, 4)))).toEqual(Array(4).fill("countersigned"));
    expect(taken(keeper.propose(other, keeper.everybody)).filter((kind) => kind === "countersigned")).toHaveLength(1);
    const hash = keeper.ratify(one, keeper.everybody.slice(0, 4));
    const { head, state } = keeper;
    const authority = { kind: "admitted", organisation: state.id, head, requestId: idOf("xfr", hash) } as const;
    expect(attack.order([1, 2], FIRST, authority)).toEqual(SIGNED);
    expect(attack.order([3, 4], FIRST, authority)).toEqual(SIGNED);
    expect(attack.order([1, 2], SECOND, authority)).toEqual(["no_authorisation", "no_authorisation"]);
    expect(attack.order([3, 5], SECOND, authority)).toEqual(["no_authorisation", "no_authorisation"]);
  });

  it("gets the other neither beside the log nor into it once one is there", () => {
    const attack = new TransferAttack();
    const { keeper } = attack;
    keeper.ratify(attack.admission(FIRST));
    expect(attack.order([3, 4], SECOND, attack.authority)).toEqual(["already_used", "already_used"]);
    const said = keeper.propose(attack.admission(SECOND));
    expect(said.map((one) => one?.kind === "recordRefused" && one.code)).toEqual(Array(5).fill("already_used"));
  });
});
