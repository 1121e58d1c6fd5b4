import {
  type Halt,
  type HaltStatement,
  networkHash,
  type ResumeStatement,
  signHalt,
  signResume,
} from "@quorate/orders";
import { describe, expect, it } from "vitest";
import { Attack } from "../../support/attack.ts";
import { auditOf } from "../../support/audit.ts";
import { answersTo } from "../../support/authorised-orders.ts";
import type { VirtualNetwork } from "../../support/virtual-network.ts";

function halt(network: VirtualNetwork, nodes: readonly string[], by = "operator-1", changes: Partial<Halt> = {}) {
  const statement = { operator: "operator-1", nodes, time: 1_790_000_000_000 + network.now, ...changes };
  return signHalt(networkHash(network.file), statement, network.identityOf(by));
}

function resume(network: VirtualNetwork, statement: HaltStatement, by = ["operator-1"]): ResumeStatement {
  const signatures = by.map((operator) => {
    return { operator, signature: signResume(networkHash(network.file), statement, network.identityOf(operator)) };
  });
  return { halt: statement, signatures };
}

function answer(network: VirtualNetwork, signer: string, statement: HaltStatement | ResumeStatement): string {
  let said = "";
  const node = network.signers.get(signer)!;
  if ("signatures" in statement)
    node.resume(statement, (taken) => {
      said = taken;
    });
  else
    node.halt(statement, (taken) => {
      said = taken;
    });
  network.settle();
  return said;
}

describe("a halted signer", () => {
  it("answers no order that uses or makes a secret, also after a restart, until its operators let it go on", () => {
    const attack = new Attack();
    const { keeper, network } = attack;
    const statement = halt(network, ["signer-1"]);
    expect(answer(network, "signer-1", statement)).toBe("taken");
    expect(answersTo(keeper, attack.order())).toEqual(["halted"]);
    network.kill("signer-1");
    network.restart("signer-1");
    expect(answersTo(keeper, attack.order())).toEqual(["halted"]);
    expect(answersTo(keeper, attack.order(), "signer-2")).toEqual(["shares"]);
    expect(answer(network, "signer-1", resume(network, statement))).toBe("taken");
    expect(answer(network, "signer-1", statement)).toBe("known"); // the same halt does not stop it again
    const kinds = auditOf(network, "signer-1").map((action) => action.kind);
    expect(kinds).toContain("halted");
    expect(kinds).toContain("resumed");
  });

  it("tells the others whom the statement names, without the coordinator; and takes them along when it goes on", () => {
    const attack = new Attack();
    const { keeper, network } = attack;
    const statement = halt(network, ["signer-1", "signer-2"]);
    answer(network, "signer-1", statement);
    network.pass(1100);
    expect(answersTo(keeper, attack.order(), "signer-2")).toEqual(["halted"]);
    expect(answersTo(keeper, attack.order(), "signer-3")).toEqual(["shares"]);
    answer(network, "signer-1", resume(network, statement));
    network.pass(1100);
    expect(answersTo(keeper, attack.order(), "signer-2")).toEqual(["shares"]);
  });

  it("goes on at nobody's word but its operators', and for no other halt", () => {
    const { network } = new Attack();
    const [first, second] = [
      halt(network, ["signer-1"]),
      halt(network, ["signer-1"], undefined, { time: 1_790_000_000_000 }),
    ];
    answer(network, "signer-1", first);
    const byCoordinator = {
      ...resume(network, first),
      signatures: [{ operator: "operator-1", signature: new Uint8Array(64) }],
    };
    expect(answer(network, "signer-1", byCoordinator)).toBe("refused");
    expect(answer(network, "signer-1", resume(network, first, []))).toBe("refused");
    expect(answer(network, "signer-1", resume(network, first, ["coordinator"]))).toBe("refused");
    expect(answer(network, "signer-1", resume(network, second))).toBe("refused");
    expect(answer(network, "signer-1", resume(network, first))).toBe("taken");
  });

  it("is halted by nobody but its operator", () => {
    const { network } = new Attack();
    expect(answer(network, "signer-1", halt(network, ["signer-1"], "coordinator"))).toBe("refused");
    expect(answer(network, "signer-1", halt(network, ["signer-2"]))).toBe("refused");
    expect(answer(network, "signer-1", halt(network, ["signer-1", "stranger"]))).toBe("refused");
    expect(answer(network, "signer-1", halt(network, ["signer-1"], "operator-1", { operator: "operator-2" }))).toBe(
      "refused",
    );
  });
});
