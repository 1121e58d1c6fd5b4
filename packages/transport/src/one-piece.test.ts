import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "./limits.ts";
import { TestNode, testNetwork } from "./testing/network.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Passes on what comes to a port, and counts the pieces. @returns how many so far, both ways */
async function counted(from: number, to: number): Promise<() => number> {
  let pieces = 0;
  const sockets: Socket[] = [];
  const server = createServer({ noDelay: true }, (caller) => {
    const called = connect({ port: to, host: "127.0.0.1", noDelay: true });
    for (const [one, other] of [
      [caller, called],
      [called, caller],
    ] as const) {
      sockets.push(one);
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
      one.on("data", (piece) => {
        pieces += 1;
        other.write(piece);
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(from, "127.0.0.1", resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return () => pieces;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test.each([100, 1600])(
  "a message of %i bytes is one piece on the socket, and no piece comes back for it",
  async (length) => {
    const network = await testNetwork("hub", "ada", "bob");
    const limits = { ...DEFAULT_LIMITS, heartbeatMs: 60_000, silenceMs: 120_000 };
    const start = async (name: string) => {
      const { addresses } = network.file.nodes.find((one) => one.name === name)!;
      const hidden = await freePort();
      const pieces = await counted(Number(addresses[0]!.split("/").at(-1)), hidden);
      const node = await TestNode.start(network, name, { listen: [`/ip4/127.0.0.1/tcp/${hidden}`], limits });
      closing.push(() => node.transport.close());
      return { node, pieces };
    };
    const [ada, bob] = [await start("ada"), await start("bob")];
    // The first ping of either is answered.
    for (const [one, other] of [
      [ada.node, "bob"],
      [bob.node, "ada"],
    ] as const)
      await one.until(() => one.peer(other).rttMs !== undefined);
    const pieces = () => ada.pieces() + bob.pieces();
    const before = pieces();
    for (let at = 1; at <= 10; at++) {
      ada.node.transport.send("bob", new Uint8Array(length));
      await bob.node.until(() => bob.node.messages.length === at);
    }
    expect(pieces() - before).toBe(10);
  },
);
