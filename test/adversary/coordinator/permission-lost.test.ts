import { idOf, tokenCredentialId } from "@quorate/authority";
import { TestUser } from "@quorate/authority/testing";
import { hex, type OrderOf, unhex } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import {
  answersTo,
  authorityOf,
  keygenOrder,
  type MadeKey,
  replenish,
  signaturePath,
  signOrder,
} from "../../support/authorised-orders.ts";
import { forgeOrder, outcomesOf } from "../../support/forged-order.ts";
import { LogKeeper } from "../../support/log-keeper.ts";
import { VirtualNetwork } from "../../support/virtual-network.ts";

const BODIES = {
  EdDSA: { kind: "Message", message: "00ff" },
  ECDSA: { kind: "Message", message: "00ff", blockchainKind: "Evm" },
} as const;

/** A robot that may sign, and the word that switches it off, which binds a signer as soon as it is proposed. */
function scene(scheme: keyof typeof BODIES) {
  const network = new VirtualNetwork({ signers: 3, minSigners: 2, pairs: scheme === "ECDSA" ? "stored" : "none" });
  const keeper = new LogKeeper(network);
  const entity = keeper.createKey(scheme);
  const order = keygenOrder(keeper, entity, { suite: scheme === "ECDSA" ? "ecdsa-secp256k1" : "ed25519" });
  for (const name of keeper.everybody) forgeOrder(network, name, order, 0);
  network.pass(200);
  const made = network.events.find((event) => event.type === "key.active")!;
  const key: MadeKey = { ...entity, keyId: unhex(String(made.key)) };
  network.killCoordinator(); // the tests speak in its place
  const user = new TestUser();
  const permissionId = [...keeper.state.permissions.values()].find((one) => one.operations.includes("*"))!.id;
  const body = { name: "robot", publicKey: user.publicKey, permissionId };
  const hash = keeper.act({ method: "POST", path: "/auth/service-accounts", body });
  const authority = () => authorityOf(keeper, signaturePath(key), BODIES[scheme], user.as(tokenCredentialId(hash)));
  const off = () => {
    const path = `/auth/service-accounts/${idOf("us", hash)}/deactivate`;
    keeper.propose(keeper.next({ method: "PUT", path }), ["signer-1"]);
  };
  return { network, keeper, key, authority, off };
}

/** Orders signer-1 and signer-2 to sign by rounds. @returns what signer-1 says in the end */
function byRounds(scheme: keyof typeof BODIES, meanwhile: "off" | "nothing") {
  const { network, keeper, key, authority, off } = scene(scheme);
  const order: OrderOf<"signInteractive"> = {
    kind: "signInteractive",
    ...{ requestId: "sig-test", executionId: new Uint8Array(16).fill(7), deadline: keeper.now + 60_000 },
    ...{ keyId: key.keyId, epoch: 0, path: [], signers: [1, 2], authority: authority() },
    request: new TextEncoder().encode(JSON.stringify(BODIES[scheme])),
  };
  for (const name of ["signer-1", "signer-2"]) forgeOrder(network, name, order, 0);
  if (meanwhile === "off") off();
  network.pass(5000);
  const [said] = outcomesOf(network, "signer-1").filter(
    (one) => "executionId" in one && hex(one.executionId) === hex(order.executionId),
  );
  return said?.kind === "refused" ? said.code : said?.kind;
}

describe("a user who is switched off while their request is on its way", () => {
  it("gets no share, although the request was bound before", () => {
    const { network, keeper, key, authority, off } = scene("EdDSA");
    replenish(keeper, key);
    const order = (at: number) => signOrder(keeper, key, BODIES.EdDSA, { authority: authority() }, at);
    expect(answersTo(keeper, order(0))).toEqual(["shares"]);
    network.onWrite = (node, batch) => {
      if (node !== "signer-1" || !batch.some((one) => one.kind === "binding")) return;
      network.onWrite = () => {};
      network.soon(off);
    };
    expect(answersTo(keeper, order(1)).filter((said) => said !== "countersigned")).toEqual(["inactive_user"]);
  });

  it.each([
    ["EdDSA", "shares"],
    ["ECDSA", "ecdsaShares"],
  ] as const)("gets no share at the end of the rounds of %s", { timeout: 120_000 }, (scheme, kind) => {
    expect(byRounds(scheme, "nothing")).toBe(kind);
    expect(byRounds(scheme, "off")).toBe("inactive_user");
  });
});

describe("an order that comes again", () => {
  const given = () => {
    const parts = scene("EdDSA");
    replenish(parts.keeper, parts.key);
    const order = signOrder(parts.keeper, parts.key, BODIES.EdDSA, { authority: parts.authority() });
    expect(answersTo(parts.keeper, order)).toEqual(["shares"]);
    return { ...parts, order };
  };

  it("gets the same share again until its deadline, and none afterwards", () => {
    const { network, keeper, order } = given();
    expect(answersTo(keeper, order)).toEqual(["shares"]);
    network.pass(order.deadline - keeper.now + 1);
    expect(answersTo(keeper, order)).toEqual(["expired"]);
  });

  it("gets no share again for a user who is switched off since then", () => {
    const { keeper, order, off } = given();
    off();
    expect(answersTo(keeper, order)).toEqual(["inactive_user"]);
  });
});
