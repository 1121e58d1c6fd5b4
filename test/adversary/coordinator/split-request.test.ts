import { describe, expect, it } from "vitest";
import { Attack, BODY } from "../../support/attack.ts";
import { auditOf } from "../../support/audit.ts";
import { authorityOf, signaturePath } from "../../support/authorised-orders.ts";
import { forgeOrder, outcomesOf } from "../../support/forged-order.ts";

const OTHER = { kind: "Message", message: "ff00" };

describe("a coordinator with signatures over two requests", () => {
  it("that shows one to some signers and the other to the rest gets an abort from the rounds, and no share", () => {
    const { keeper, key, network } = new Attack();
    const executionId = new Uint8Array(16).fill(99);
    const signers = [1, 2, 3];
    const { deadline, keyId, epoch, path, requestId } = { ...keyOrder(), keyId: key.keyId };
    for (const [name, body] of [
      ["signer-1", BODY],
      ["signer-2", BODY],
      ["signer-3", OTHER],
    ] as const) {
      const authority = authorityOf(keeper, signaturePath(key), body);
      const request = new TextEncoder().encode(JSON.stringify(body));
      forgeOrder(
        network,
        name,
        {
          kind: "signInteractive",
          ...{ requestId, executionId, keyId, epoch, path, request, deadline, authority, signers },
        },
        0,
      );
    }
    const before = outcomesOf(network, "signer-1").length;
    network.pass(30_000);
    for (const name of ["signer-1", "signer-2", "signer-3"]) {
      const said = outcomesOf(network, name)
        .slice(name === "signer-1" ? before : 0)
        .map((one) => one.kind);
      expect(said).toContain("aborted");
      expect(said).not.toContain("shares");
      const digests = auditOf(network, name).filter((action) => action.kind === "answered");
      expect(digests).toHaveLength(1); // what each of them was asked stays on record
    }

    function keyOrder() {
      return { requestId: "sig-split", epoch: 0, path: [], deadline: keeper.now + 60_000 };
    }
  });
});
