import { encode } from "@quorate/curves";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ORDER_PROTOCOL, SESSION_PROTOCOL } from "./directory.ts";
import { FRAME } from "./frame.ts";
import { type Hello, verdict } from "./hello.ts";
import { seedOf, type TestNetwork, TestNode, testNetwork } from "./testing/network.ts";
import { directionOf, Rogue, type RogueStream } from "./testing/rogue.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

let network: TestNetwork;
let victim: TestNode;
/** A node of the network that dials the victim; the rogue has its key. */
let insider: string;
let rogues: Rogue[];

beforeEach(async () => {
  network = await testNetwork("hub", "ada", "bob", "cyd");
  const [dialler, listener] = directionOf(network.file, "ada", "bob");
  insider = dialler;
  victim = await TestNode.start(network, listener, { limits: { probeMs: 300 } });
  rogues = [];
});

afterEach(async () => {
  await Promise.all([victim.transport.close(), ...rogues.map((rogue) => rogue.stop())]);
});

async function rogueAs(seed: Uint8Array): Promise<Rogue> {
  const rogue = await Rogue.start(network.file, seed, victim.name);
  rogues.push(rogue);
  return rogue;
}

async function joined(): Promise<RogueStream> {
  return (await rogueAs(seedOf(insider))).join(SESSION_PROTOCOL, insider);
}

describe("the gate", () => {
  test("a hundred strangers are refused before any protocol, counted, and disturb nobody", async () => {
    const friend = await TestNode.start(network, insider);
    try {
      await friend.connectedTo(victim.name);
      // Ten at once: on a slow machine more handshakes would run out of time before anybody is known as a stranger.
      for (let first = 0; first < 100; first += 10) {
        const names = Array.from({ length: 10 }, (_, at) => `stranger ${first + at}`);
        const strangers = await Promise.all(names.map((name) => rogueAs(seedOf(name))));
        const calls = strangers.map((stranger) => stranger.open(SESSION_PROTOCOL));
        if (first === 50) friend.say(victim.name, "still here?");
        for (const call of await Promise.allSettled(calls)) expect(call.status).toBe("rejected");
      }
      await victim.until(() => victim.heard(insider).includes("still here?"));
      expect(victim.transport.counters.strangersRefused).toBe(100);
      expect(victim.transport.counters.linksLost).toBe(0);
      // One event tells of many.
      expect(victim.events.filter((event) => event.type === "stranger.refused").length).toBeLessThan(50);
    } finally {
      await friend.transport.close();
    }
  });

  test("the coordinator is refused in the signers' protocol", async () => {
    const signers = network.file.nodes.map((node) => node.name);
    const called = signers.find((name) => directionOf(network.file, "hub", name)[0] === "hub")!;
    const signer = called === victim.name ? victim : await TestNode.start(network, called);
    try {
      const hub = await Rogue.start(network.file, seedOf("hub"), called);
      rogues.push(hub);
      await (await hub.open(SESSION_PROTOCOL)).ended();
      await signer.happens("peer.refused", { peer: "hub", code: "wrong_protocol" });
      expect(signer.peer("hub").connected).toBe(false);
      await hub.join(ORDER_PROTOCOL, "hub");
      await signer.connectedTo("hub");
    } finally {
      if (signer !== victim) await signer.transport.close();
    }
  });

  test("a node that is to be dialled may not dial", async () => {
    const caller = await TestNode.start(network, insider);
    try {
      const called = await Rogue.start(network.file, seedOf(victim.name), insider);
      rogues.push(called);
      await expect(called.open(SESSION_PROTOCOL)).rejects.toThrow();
      await caller.happens("peer.refused", { peer: victim.name, code: "wrong_direction" });
    } finally {
      await caller.transport.close();
    }
  });

  test("a node cannot pile up connections", async () => {
    const rogue = await rogueAs(seedOf(insider));
    for (let at = 0; at < 3; at++) await rogue.open(SESSION_PROTOCOL);
    await expect(rogue.open(SESSION_PROTOCOL)).rejects.toThrow();
    await victim.happens("peer.refused", { peer: insider, code: "too_many_connections" });
  });
});

describe("the hello", () => {
  const refusals: [code: string, edit: Partial<Hello>][] = [
    ["version_mismatch", { version: 2 }],
    ["config_mismatch", { networkHash: new Uint8Array(32) }],
    ["identity_mismatch", { node: "cyd" }],
  ];
  test.each(refusals)("is refused with %s, and the caller is told", async (code, edit) => {
    const rogue = await rogueAs(seedOf(insider));
    const stream = await rogue.open(SESSION_PROTOCOL);
    stream.send(FRAME.hello, rogue.honestHello(insider, edit));
    expect(await stream.verdict()).toBe(code);
    stream.raw.abort(new Error("told"));
    expect(victim.transport.counters.linksOpened).toBe(0);
  });

  test("of a later version is understood as such, whatever follows the version", async () => {
    const stream = await (await rogueAs(seedOf(insider))).open(SESSION_PROTOCOL);
    stream.send(FRAME.hello, Uint8Array.of(0, 9, 1, 2, 3));
    expect(await stream.verdict()).toBe("version_mismatch");
  });

  test.each([0, 1, 2, 30])("of %i bytes is malformed", async (length) => {
    const rogue = await rogueAs(seedOf(insider));
    const stream = await rogue.open(SESSION_PROTOCOL);
    stream.send(FRAME.hello, rogue.honestHello(insider).subarray(0, length));
    expect(await stream.verdict()).toBe("malformed_hello");
  });

  test("cannot be left out, nor come as something else", async () => {
    const rogue = await rogueAs(seedOf(insider));
    const stream = await rogue.open(SESSION_PROTOCOL);
    stream.send(FRAME.message, rogue.honestHello(insider));
    stream.send(FRAME.verdict, encode(verdict, { code: "accepted", detail: "" }));
    stream.send(FRAME.message, utf8("no manners"));
    await stream.ended();
    expect(victim.messages).toEqual([]);
    expect(victim.transport.counters.linksOpened).toBe(0);
  });

  test("that the caller refuses brings no link up", async () => {
    const rogue = await rogueAs(seedOf(insider));
    const stream = await rogue.open(SESSION_PROTOCOL);
    stream.send(FRAME.hello, rogue.honestHello(insider));
    stream.send(FRAME.verdict, encode(verdict, { code: "config_mismatch", detail: "a\nb" }));
    const event = await victim.happens("peer.refused", { peer: insider, by: "peer", code: "config_mismatch" });
    expect(event.detail).toBe("a?b");
    expect(victim.transport.counters.linksOpened).toBe(0);
  });

  test("of a second process under one identity is a clone, named on both sides; the first keeps its link", async () => {
    const first = await TestNode.start(network, insider);
    await first.connectedTo(victim.name);
    const clone = await TestNode.start(network, insider, { listen: ["/ip4/127.0.0.1/tcp/0"] });
    try {
      await victim.happens("peer.refused", { peer: insider, by: "us", code: "clone_detected" });
      await clone.happens("peer.refused", { peer: victim.name, by: "peer", code: "clone_detected" });
      expect(victim.peer(insider).instance).toBe(first.transport.instance);
      expect(victim.transport.counters.linksLost).toBe(0);
    } finally {
      await Promise.all([first.transport.close(), clone.transport.close()]);
    }
  });
});

describe("frames", () => {
  const breaches: [what: string, reason: string, frame: Uint8Array][] = [
    ["of four gigabytes", "oversized_frame", Uint8Array.of(255, 255, 255, 255, FRAME.message)],
    ["one byte above the limit", "oversized_frame", Uint8Array.of(0, 16, 4, 1, FRAME.message)],
    ["of an unknown kind", "unknown_frame", Uint8Array.of(0, 0, 0, 0, 5)],
    ["of a second hello", "unexpected_frame", Uint8Array.of(0, 0, 0, 0, FRAME.hello)],
    ["of a ping of the wrong length", "unexpected_frame", Uint8Array.of(0, 0, 0, 1, FRAME.ping, 0)],
    ["of a pong of the wrong length", "unexpected_frame", Uint8Array.of(0, 0, 0, 0, FRAME.pong)],
  ];
  test.each(breaches)("%s end the link with %s, counted", async (_, reason, frame) => {
    const stream = await joined();
    await victim.connectedTo(insider);
    stream.raw.send(frame);
    await victim.happens("peer.disconnected", { peer: insider, reason });
    await stream.ended();
    expect(victim.transport.counters.protocolErrors).toBe(1);
    expect(victim.peer(insider).connected).toBe(false);
  });

  test("a pong to no ping is not a round trip", async () => {
    const stream = await joined();
    stream.send(FRAME.pong, Uint8Array.of(0, 0, 9, 9));
    stream.send(FRAME.message, utf8("after"));
    await victim.until(() => victim.heard(insider).includes("after"));
    expect(victim.peer(insider).rttMs).toBeUndefined();
    stream.send(FRAME.pong, await stream.next(FRAME.ping));
    await victim.until(() => victim.peer(insider).rttMs !== undefined);
  });
});

describe("bounds", () => {
  test("a peer that does not read costs a bounded amount of memory, and nobody else notices", async () => {
    const friendName = ["hub", "ada", "bob", "cyd"].find((name) => name !== victim.name && name !== insider)!;
    const friend = await TestNode.start(network, friendName);
    const deaf = await joined();
    try {
      await victim.connectedTo(insider, friendName);
      deaf.raw.pause();
      const message = new Uint8Array(32 * 1024);
      for (let at = 0; at < 2000; at++) victim.transport.send(insider, message.fill(at & 255));
      victim.say(friendName, "and you?");
      await friend.until(() => friend.heard(victim.name).includes("and you?"));
      const { lostOverflow, messagesSent } = victim.transport.counters;
      expect(lostOverflow + messagesSent).toBe(2001);
      // 64 MB were offered; 8 MB may wait, and a window and the buffers of the sockets be under way.
      expect(messagesSent * message.length).toBeLessThan(16 << 20);
      // One event tells of many.
      expect(victim.event("send.overflow", { peer: insider })).toBeDefined();
      expect(victim.events.filter((event) => event.type === "send.overflow").length).toBeLessThan(50);
      deaf.raw.resume();
      for (let at = 0; at < messagesSent - 1; at++) expect((await deaf.next(FRAME.message))[0]).toBe(at & 255);
    } finally {
      await friend.transport.close();
    }
  });

  test("a peer that floods does not keep others from their turn", async () => {
    const friendName = ["hub", "ada", "bob", "cyd"].find((name) => name !== victim.name && name !== insider)!;
    const friend = await TestNode.start(network, friendName);
    const flood = await joined();
    try {
      await victim.connectedTo(insider, friendName);
      await friend.connectedTo(victim.name);
      const frames = Array.from({ length: 15_000 }, () => Uint8Array.of(0, 0, 0, 3, FRAME.message, 1, 2, 3));
      flood.raw.send(Buffer.concat(frames));
      await victim.until(() => victim.messages.length > 0);
      friend.say(victim.name, "excuse me");
      await victim.until(() => victim.messages.length === 15_001);
      // One read of a socket brings about 8000 of them.
      expect(victim.messages.findIndex((message) => message.from === friendName)).toBeLessThan(3000);
      // A message that is kept does not keep the packet that it came in.
      expect(victim.messages.every((message) => message.bytes.buffer.byteLength <= 16 * 1024)).toBe(true);
    } finally {
      await friend.transport.close();
    }
  });
});
