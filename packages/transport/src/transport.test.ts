import type { NetworkNode } from "@quorate/orders";
import { afterEach, describe, expect, test } from "vitest";
import { Directory, ORDER_PROTOCOL, SESSION_PROTOCOL } from "./directory.ts";
import { seedOf, type TestNetwork, TestNode, testNetwork } from "./testing/network.ts";
import type { TransportOptions } from "./transport.ts";

const running: TestNode[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((node) => node.transport.close()));
});

async function start(network: TestNetwork, name: string, options: Partial<TransportOptions> = {}): Promise<TestNode> {
  const node = await TestNode.start(network, name, options);
  running.push(node);
  return node;
}

describe("a network of real sockets", () => {
  test("every pair has one link and messages arrive whole and in order", async () => {
    const names = ["hub", "ada", "bob", "cyd"] as const;
    const network = await testNetwork(...names);
    const nodes = await Promise.all(names.map((name) => start(network, name)));
    for (const node of nodes) await node.connectedTo(...names.filter((name) => name !== node.name));
    for (const from of nodes) {
      for (const to of names) {
        if (to !== from.name) for (let at = 0; at < 100; at++) from.say(to, `${at} from ${from.name}`);
      }
    }
    for (const node of nodes) {
      for (const from of names.filter((name) => name !== node.name)) {
        await node.until(() => node.heard(from).length === 100);
        expect(node.heard(from)).toEqual(Array.from({ length: 100 }, (_, at) => `${at} from ${from}`));
      }
      expect(node.transport.counters.linksOpened).toBe(names.length - 1);
      expect(node.transport.counters.messagesReceived).toBe(300);
    }
  });

  test("the round trip is known soon after the hello, and the instance is that of the peer", async () => {
    const network = await testNetwork("hub", "ada", "bob");
    const [ada, bob] = await Promise.all([start(network, "ada"), start(network, "bob")]);
    await ada.until(() => ada.peer("bob").rttMs !== undefined);
    expect(ada.peer("bob").instance).toBe(bob.transport.instance);
    expect(ada.peer("hub")).toEqual({ connected: false });
  });

  test("a message of one mebibyte passes, and one above the limit is not sent", async () => {
    const network = await testNetwork("hub", "ada", "bob");
    const [ada, bob] = await Promise.all([start(network, "ada"), start(network, "bob")]);
    await ada.connectedTo("bob");
    const large = new Uint8Array(1 << 20).map((_, at) => at * 31);
    ada.transport.send("bob", new Uint8Array((1 << 20) + 1025));
    ada.transport.send("bob", large);
    await bob.until(() => bob.messages.length > 0);
    expect(Buffer.from(bob.messages[0]!.bytes).equals(large)).toBe(true);
    expect(ada.transport.counters.lostOversized).toBe(1);
    expect(ada.event("send.oversized", { peer: "bob" })).toBeDefined();
  });

  test("what is sent to a node that is not connected is lost and counted", async () => {
    const network = await testNetwork("hub", "ada", "bob");
    const ada = await start(network, "ada");
    ada.say("bob", "anyone?");
    ada.say("nobody", "anyone?");
    expect(ada.transport.counters.lostDisconnected).toBe(2);
  });

  test("a peer that restarts is linked again and shows a new instance", async () => {
    const network = await testNetwork("hub", "ada", "bob");
    const ada = await start(network, "ada");
    const first = await TestNode.start(network, "bob");
    await ada.connectedTo("bob");
    await first.transport.close();
    await ada.until(() => !ada.peer("bob").connected);
    const second = await start(network, "bob");
    await ada.connectedTo("bob");
    expect(ada.peer("bob").instance).toBe(second.transport.instance);
    expect(second.transport.instance).not.toBe(first.transport.instance);
    await second.connectedTo("ada");
    second.say("ada", "back");
    await ada.until(() => ada.heard("bob").includes("back"));
  });
});

describe("two coordinators", () => {
  test("each have a link to every signer, in the protocol of orders, and none to one another", async () => {
    const { file, seeds } = await testNetwork("hub", "hub-2", "ada", "bob");
    const [second, ...nodes] = file.nodes as [NetworkNode, ...NetworkNode[]];
    const network = { seeds, file: { ...file, coordinators: [second], nodes } };
    const [hub, other, ada, bob] = await Promise.all(["hub", "hub-2", "ada", "bob"].map((one) => start(network, one)));
    await hub!.connectedTo("ada", "bob");
    await other!.connectedTo("ada", "bob");
    await ada!.connectedTo("hub", "hub-2", "bob");
    expect([...hub!.transport.peers().keys(), ...other!.transport.peers().keys()]).toEqual([
      "ada",
      "bob",
      "ada",
      "bob",
    ]);
    const protocols = new Directory(file, "ada").others.map((one) => one.protocol);
    expect(new Directory(network.file, "ada").others.map((one) => [one.node.name, one.protocol])).toEqual([
      ["hub", ORDER_PROTOCOL],
      ["hub-2", ORDER_PROTOCOL],
      ["bob", SESSION_PROTOCOL],
    ]);
    expect(protocols).toEqual([ORDER_PROTOCOL, SESSION_PROTOCOL, SESSION_PROTOCOL]);
    ada!.say("hub-2", "for the second");
    await other!.until(() => other!.heard("ada").length > 0);
    expect([hub!.heard("ada"), other!.heard("ada")]).toEqual([[], ["for the second"]]);
    await bob!.connectedTo("hub", "hub-2");
  });
});

describe("who may join", () => {
  test("a seed that does not belong to the name is refused at the start", async () => {
    const network = await testNetwork("hub", "ada", "bob");
    await expect(TestNode.start(network, "ada", { identitySeed: seedOf("bob") })).rejects.toThrow(/but ada is/);
    await expect(TestNode.start(network, "ada", { self: "eve" })).rejects.toThrow(/eve is not a node/);
  });

  test("a taken port is named", async () => {
    const network = await testNetwork("hub", "ada", "bob");
    await start(network, "ada");
    await expect(TestNode.start(network, "ada")).rejects.toThrow(/cannot listen on \/ip4.*EADDRINUSE/);
  });

  test("another network file is named on both sides, and no link comes up", async () => {
    const network = await testNetwork("hub", "ada", "bob");
    const other = { ...network, file: { ...network.file, networkId: "other" } };
    const [ada, bob] = await Promise.all([start(network, "ada"), start(other, "bob")]);
    await ada.happens("peer.refused", { peer: "bob", code: "config_mismatch" });
    await bob.happens("peer.refused", { peer: "ada", code: "config_mismatch" });
    expect(ada.transport.counters.linksOpened + bob.transport.counters.linksOpened).toBe(0);
  });
});
