import { describe, expect, it } from "vitest";
import { VirtualNetwork } from "./support/virtual-network.ts";

const hello = { kind: "Message", message: Buffer.from("hello").toString("hex") };

describe("signing with honest signers", () => {
  it("makes a key and signs in one round", () => {
    const network = new VirtualNetwork();
    const key = network.madeKey();
    const result = network.sign(key, hello);
    expect(result).toMatchObject({ ok: { status: "Signed", attempts: [{ form: "one-round" }] } });
  });
});
