import { connect, createServer, type Server, type Socket } from "node:net";
import { identityFromSeed } from "@quorate/curves";
import type { LinkRule } from "@quorate/faults";
import { hex, type NetworkFile } from "@quorate/orders";
import { oneWayDelayMs, roundTripMs } from "@quorate/regions";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "./limits.ts";
import { seedOf, type TestNetwork, TestNode, testNetwork } from "./testing/network.ts";
import { directionOf } from "./testing/rogue.ts";
import type { TransportOptions } from "./transport.ts";

let network: TestNetwork;
let dialler: string;
let listener: string;
let running: TestNode[];

beforeEach(async () => {
  network = await testNetwork("hub", "ada", "bob");
  [dialler, listener] = directionOf(network.file, "ada", "bob");
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map((node) => node.transport.close()));
});

async function start(name: string, options: Partial<TransportOptions> = {}, of = network): Promise<TestNode> {
  const node = await TestNode.start(of, name, options);
  running.push(node);
  return node;
}

async function both(options: Partial<TransportOptions>): Promise<[TestNode, TestNode]> {
  return Promise.all([start(dialler, options), start(listener, options)]);
}

describe("region delays", () => {
  test("a measured round trip is not shorter than that of the regions, and starts at once", async () => {
    const delay = () => oneWayDelayMs("frankfurt", "ireland", 0, Math.random);
    const [one, other] = await both({ delay });
    for (const [node, peer] of [
      [one, listener],
      [other, dialler],
    ] as const) {
      await node.until(() => node.peer(peer).rttMs !== undefined);
      expect(node.peer(peer).rttMs).toBeGreaterThanOrEqual(roundTripMs("frankfurt", "ireland"));
    }
  });

  test("messages keep their order under jitter", async () => {
    const delay = () => oneWayDelayMs("frankfurt", "ireland", 5, Math.random);
    const [one, other] = await both({ delay });
    await one.connectedTo(listener);
    for (let at = 0; at < 200; at++) one.say(listener, String(at));
    await other.until(() => other.messages.length === 200);
    expect(other.heard(dialler)).toEqual(Array.from({ length: 200 }, (_, at) => String(at)));
  });
});

describe("fault rules", () => {
  let rules: LinkRule[];
  let one: TestNode;
  let other: TestNode;
  const limits = { heartbeatMs: 50, silenceMs: 300, retryMinMs: 20, retryMaxMs: 50 };

  beforeEach(async () => {
    rules = [];
    [one, other] = await both({ rules: () => rules, limits });
    await one.connectedTo(listener);
    await other.connectedTo(dialler);
  });

  test("dropped messages are lost and the link stays", async () => {
    rules = [{ from: dialler, action: { kind: "drop", probability: 1 } }];
    one.say(listener, "lost");
    rules = [];
    one.say(listener, "kept");
    await other.until(() => other.messages.length > 0);
    expect(other.heard(dialler)).toEqual(["kept"]);
    expect(one.transport.counters.lostByRule).toBe(1);
  });

  test("a duplicated message arrives twice, a corrupted one with one bit changed", async () => {
    rules = [{ to: listener, action: { kind: "duplicate", probability: 1 } }];
    one.say(listener, "twice");
    rules = [{ to: listener, action: { kind: "corrupt", probability: 1 } }];
    const sent = new Uint8Array(100);
    one.transport.send(listener, sent);
    await other.until(() => other.messages.length === 3);
    expect(other.heard(dialler).slice(0, 2)).toEqual(["twice", "twice"]);
    const bits = [...other.messages[2]!.bytes].map((byte) => byte.toString(2).replaceAll("0", "")).join("");
    expect(bits).toBe("1");
    expect(sent.every((byte) => byte === 0)).toBe(true);
  });

  test("a message is overtaken by the one after it, and arrives by itself where there is none", async () => {
    rules = [{ to: listener, action: { kind: "reorder", probability: 1 } }];
    one.say(listener, "first");
    one.say(listener, "second");
    await other.until(() => other.messages.length === 2);
    expect(other.heard(dialler)).toEqual(["second", "first"]);
    one.say(listener, "alone");
    await other.until(() => other.messages.length === 3);
    expect(other.heard(dialler)[2]).toBe("alone");
  });

  test("a partition takes the link down on both sides, and it comes back once healed", async () => {
    rules = [{ action: { kind: "partition" } }];
    await one.until(() => !one.peer(listener).connected);
    await other.until(() => !other.peer(dialler).connected);
    rules = [];
    await one.connectedTo(listener);
    one.say(listener, "healed");
    await other.until(() => other.heard(dialler).includes("healed"));
  });
});

/** A TCP relay that can stop forwarding without closing anything, as a network does when a cable is pulled. */
class Relay {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async start(toPort: number): Promise<Relay> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const relay = new Relay(server, (server.address() as { port: number }).port);
    server.on("connection", (near) => {
      const far = connect(toPort, "127.0.0.1");
      for (const socket of [near, far]) relay.#sockets.add(socket.on("error", () => {}));
      near.pipe(far).pipe(near);
    });
    return relay;
  }

  /** What is connected now hangs for ever; new connections work. */
  blackHole(): void {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

describe("a half-open link", () => {
  let relay: Relay;
  let listen: string[];
  let relayed: TestNetwork;

  beforeEach(async () => {
    const node = network.file.nodes.find((one) => one.name === listener)!;
    listen = node.addresses;
    relay = await Relay.start(Number(listen[0]!.split("/").at(-1)));
    const nodes = network.file.nodes.map((one) =>
      one.name === listener ? { ...one, addresses: [`/ip4/127.0.0.1/tcp/${relay.port}`] } : one,
    );
    relayed = { ...network, file: { ...network.file, nodes } };
  });
  afterEach(() => relay.stop());

  test("is given up within ten seconds", () => {
    const { heartbeatMs, silenceMs } = DEFAULT_LIMITS;
    expect(silenceMs).toBeLessThan(10_000);
    expect(silenceMs).toBeGreaterThan(3 * heartbeatMs);
  });

  test("is noticed on both sides and replaced", async () => {
    const limits = { heartbeatMs: 50, silenceMs: 300, retryMinMs: 20, retryMaxMs: 50 };
    const [one, other] = await Promise.all([
      start(dialler, { limits }, relayed),
      start(listener, { limits, listen }, relayed),
    ]);
    await one.connectedTo(listener);
    await other.connectedTo(dialler);
    relay.blackHole();
    await one.happens("peer.disconnected", { reason: "silent" });
    await other.happens("peer.disconnected", { peer: dialler });
    await one.connectedTo(listener);
    await other.connectedTo(dialler);
    one.say(listener, "again");
    await other.until(() => other.heard(dialler).includes("again"));
    expect(one.peer(listener).instance).toBe(other.transport.instance);
  });

  test("does not make a restarted peer look like a clone", async () => {
    const limits = { silenceMs: 60_000, probeMs: 200 };
    const other = await start(listener, { limits, listen }, relayed);
    const before = await start(dialler, { limits }, relayed);
    await other.connectedTo(dialler);
    relay.blackHole();
    const after = await start(dialler, { limits, listen: ["/ip4/127.0.0.1/tcp/0"] }, relayed);
    await other.until(() => other.peer(dialler).instance === after.transport.instance);
    expect(other.peer(dialler).connected).toBe(true);
    expect(before.transport.instance).not.toBe(after.transport.instance);
    expect(other.event("peer.refused")).toBeUndefined();
  });
});

test("a peer with another key than the network file says is named by the caller", async () => {
  // Any other key, as long as the same one of the pair dials.
  const mistaken = ["mallory", "trudy", "eve", "oscar"].map((name) => withKeyOf(name));
  const file = mistaken.find((one) => directionOf(one, dialler, listener)[0] === dialler)!;
  await start(listener);
  const caller = await start(dialler, {}, { ...network, file });
  const event = await caller.happens("peer.refused", { peer: listener, code: "identity_mismatch" });
  expect(event.detail).toMatch(/another key than that of the network file at \/ip4/);
});

test("a caller whose key the other does not know is told where to look", async () => {
  const nodes = network.file.nodes.map((node) =>
    node.name === dialler ? { ...node, publicKey: hex(identityFromSeed(seedOf("old key")).publicKey) } : node,
  );
  await start(listener, {}, { ...network, file: { ...network.file, nodes } });
  const caller = await start(dialler);
  const event = await caller.happens("peer.unreachable", { peer: listener });
  expect(event.detail).toMatch(/does its network file have our key/);
});

/** The network file, with another key for the listener. */
function withKeyOf(name: string): NetworkFile {
  const publicKey = hex(identityFromSeed(seedOf(name)).publicKey);
  const nodes = network.file.nodes.map((node) => (node.name === listener ? { ...node, publicKey } : node));
  return { ...network.file, nodes };
}
