import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { assetsApi, makeWallet } from "../testing/assets.ts";
import type { Caller, GovernedApi } from "../testing/governed.ts";
import { TOKEN } from "../testing/node.ts";

const MESSAGE = { kind: "Message", message: "0xc0ffee" };

let api: GovernedApi;
let caller: Caller;
let wallet: { readonly id: string; readonly signingKey: { readonly id: string } };

beforeEach(async () => {
  ({ api, caller } = await assetsApi());
  wallet = await makeWallet(caller);
});
afterEach(() => api.stop());

const script = (body: object) => {
  const told = { keyId: wallet.signingKey.id, ...body };
  return api.send("POST", "/_quorate/scenarios", told, { authorization: `Bearer ${TOKEN}` });
};
const sign = async () => (await caller.act("POST", `/wallets/${wallet.id}/signatures`, MESSAGE)).body;

describe("a scripted outcome", () => {
  it.each([
    ["pending", "Pending", undefined],
    ["rejected", "Rejected", "an approver denied it"],
    ["failed", "Failed", "the signers did not sign in time"],
  ])("%s is what the next request comes to, and stays; the one after is signed", async (outcome, status, reason) => {
    expect((await script({ outcome })).status).toBe(200);
    const answer = await sign();
    expect([answer.status, answer.reason, answer.signature]).toEqual([status, reason, undefined]);
    const shown = await caller.send("GET", `/wallets/${wallet.id}/signatures/${answer.id}`);
    expect(shown.body).toMatchObject({ id: answer.id, status });
    expect((await sign()).status).toBe("Signed");
    expect(api.authority.asked).toHaveLength(1);
  });

  it("comes in order, says its own reason, and ends when it is taken back", async () => {
    await script({ outcome: "failed", reason: "one" });
    await script({ outcome: "failed", reason: "two" });
    await script({ outcome: "failed", reason: "three" });
    expect([(await sign()).reason, (await sign()).reason]).toEqual(["one", "two"]);
    const authorization = { authorization: `Bearer ${TOKEN}` };
    await api.send("DELETE", "/_quorate/scenarios", { keyId: wallet.signingKey.id }, authorization);
    expect((await sign()).status).toBe("Signed");
  });

  it("slow signs after a while", async () => {
    await script({ outcome: "slow", seconds: 0.01 });
    expect((await sign()).status).toBe("Signed");
  });

  it.each<[string, number, object]>([
    ["for a key that is not there", 404, { keyId: "key-x", outcome: "pending" }],
    ["that nobody knows", 400, { outcome: "explode" }],
    ["slow without a time", 400, { outcome: "slow" }],
    ["with a time that it does not take", 400, { outcome: "failed", seconds: 1 }],
  ])("%s is refused", async (_, status, body) => expect((await script(body)).status).toBe(status));

  it("is the operator's to set, no user's", async () => {
    expect((await caller.send("POST", "/_quorate/scenarios", { outcome: "failed" })).status).toBe(401);
  });

  it("asks for a right all the same: who may not sign is refused, and uses nothing up", async () => {
    await script({ outcome: "failed" });
    const other = await api.serviceAccount(["Wallets:Read"]);
    expect((await other.act("POST", `/wallets/${wallet.id}/signatures`, MESSAGE)).status).toBe(403);
    expect((await sign()).status).toBe("Failed");
  });
});
