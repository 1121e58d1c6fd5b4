import { networkHash } from "@quorate/orders";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createApp } from "./app.ts";
import type { App } from "./routes.ts";
import { call, keyRecord, say, send, startNode, type TestNode, TOKEN } from "./testing/node.ts";

let node: TestNode;
let app: App;

beforeEach(async () => {
  node = await startNode([keyRecord(1)]);
  app = createApp(node.options);
});
afterEach(() => node.world.stop());

describe("/_quorate", () => {
  it("health counts the signers that are connected", async () => {
    node.coordinator.peer("ohio", { connected: true, instance: "01", rttMs: 12 });
    const { status, body } = await send(app, "/_quorate/health", {});
    expect([status, body]).toEqual([
      200,
      { status: "ok", signers: { connected: 1, total: 3 }, pairs: { ready: 0, total: 3 } },
    ]);
  });

  it("network names its members, and how each is", async () => {
    node.coordinator.peer("ohio", { connected: true, instance: "01", rttMs: 12 });
    const { body } = await call(app, "GET", "/_quorate/network");
    const [virginia, ohio] = node.network.nodes;
    const plain = { suspect: false, guilty: false, brokenKeys: [] };
    expect(body).toMatchObject({
      networkId: "test",
      hash: Buffer.from(networkHash(node.network)).toString("hex"),
      coordinator: { name: "coordinator", publicKey: node.network.coordinator.publicKey },
      defaults: { minSigners: 2, maxSigners: 3 },
      versions: { quorate: "0.1.0", networkFile: 1 },
    });
    expect(body).toHaveProperty("nodes.0", { ...shown(virginia), connected: false, rttMs: null, ...plain });
    expect(body).toHaveProperty("nodes.1", { ...shown(ohio), connected: true, rttMs: 12, ...plain });
  });

  it("network and health say how the signers stand with one another", async () => {
    const ready = (node: string) => ({ node, state: "ready" as const });
    say(node, "virginia", { kind: "pairs", pairs: [ready("ohio"), { node: "montreal", state: "banned" }] });
    say(node, "ohio", { kind: "pairs", pairs: [ready("virginia"), ready("montreal")] });
    expect((await call(app, "GET", "/_quorate/network")).body).toHaveProperty("pairs", [
      { nodes: ["virginia", "ohio"], status: "ready" },
      { nodes: ["virginia", "montreal"], status: "banned" },
      { nodes: ["ohio", "montreal"], status: "unreported" },
    ]);
    expect((await send(app, "/_quorate/health", {})).body).toHaveProperty("pairs", { ready: 1, total: 3 });
  });

  it("keys shows what Dfns has no place for", async () => {
    const key = keyRecord(1);
    const { body } = await call(app, "GET", `/_quorate/keys/${key.id}`);
    expect(body).toEqual({
      id: key.id,
      keyId: key.keyId,
      epoch: 0,
      suite: "ed25519",
      minSigners: 2,
      members: key.members,
      certificate: key.certificate,
      record: null,
      derivedFrom: null,
      commitmentLevels: { virginia: 0, ohio: 0, montreal: 0 },
      presignatureLevels: [],
      addresses: { solana: "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z" },
    });
    expect((await call(app, "GET", "/_quorate/keys/key-1")).status).toBe(404);
  });

  it("metrics come as they are, in their own type", async () => {
    const response = await app.request("/_quorate/metrics", { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4");
    expect(await response.text()).toBe("quorate_up 1\n");
  });
});

function shown(one: { name: string; region: string; operator: string; publicKey: string } | undefined) {
  return { name: one?.name, region: one?.region, operator: one?.operator, publicKey: one?.publicKey };
}
