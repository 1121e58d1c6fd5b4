import { encode, fixed, list, struct, text, u64, union } from "@quorate/curves";
import { describe, expect, it } from "vitest";
import { outcomesOf } from "../support/forged-order.ts";
import { LogKeeper } from "../support/log-keeper.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const KEY = { method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } } as const;
const LIARS = ["signer-2", "signer-3"];
const nothing = struct({});
const head = struct({ organisation: text(64), height: u64, hash: fixed(32) });
/** The first members of what signers say to one another. */
const said = union({
  ...{ frame: nothing, notice: nothing, pairStatus: nothing, pairBegin: nothing },
  heads: struct({ heads: list(head, 64) }),
});

describe("peers that claim more of a log than they show, as often as they can", () => {
  it("do not keep a signer from what the others know, though the coordinator leaves it out", () => {
    const network = new VirtualNetwork();
    const keeper = new LogKeeper(network);
    const organisation = keeper.state.id;
    const claim = encode(said, {
      kind: "heads",
      heads: [{ organisation, height: 99, hash: new Uint8Array(32).fill(9) }],
    });
    const lie = () => {
      for (const liar of LIARS) network.signers.get("signer-1")!.receive(liar, claim);
    };
    network.intercept = ({ from, to, bytes }) => (LIARS.includes(from) && to === "signer-1" ? undefined : bytes);
    lie();
    keeper.act(KEY, network.admin, keeper.everybody, ["signer-5"]);
    for (let step = 0; step < 3000; step++) {
      lie();
      network.pass(3);
    }
    const heads = outcomesOf(network, "signer-1").filter((one) => one.kind === "heads");
    expect(heads.at(-1)?.heads[0]?.height).toBe(1);
  });
});
