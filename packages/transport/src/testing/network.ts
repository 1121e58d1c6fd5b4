import { createHash } from "node:crypto";
import { type AddressInfo, createServer } from "node:net";
import { identityFromSeed } from "@quorate/curves";
import { type Event, hex, type NetworkFile, type NetworkNode, type NodeId, type PeerState } from "@quorate/orders";
import { createTransport, type Transport, type TransportOptions } from "../index.ts";

/** Networks of real sockets on loopback, for the tests and the bench. */

/** Ports that were free a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export interface TestNetwork {
  readonly file: NetworkFile;
  readonly seeds: ReadonlyMap<NodeId, Uint8Array>;
}

/** A coordinator (the first name) and signers. The names decide the keys, and so who dials whom. */
export async function testNetwork(...names: [string, string, string, ...string[]]): Promise<TestNetwork> {
  const ports = await freePorts(names.length);
  const seeds = new Map(names.map((name) => [name, seedOf(name)]));
  const nodes = names.map(
    (name, at): NetworkNode => ({
      name,
      region: "virginia",
      operator: "tester",
      publicKey: hex(identityFromSeed(seedOf(name)).publicKey),
      addresses: [`/ip4/127.0.0.1/tcp/${ports[at]}`],
    }),
  );
  const [coordinator, ...signers] = nodes as [NetworkNode, ...NetworkNode[]];
  const operators = [{ name: "tester", publicKey: hex(identityFromSeed(seedOf("tester")).publicKey) }];
  const defaults = { minSigners: 2, maxSigners: signers.length };
  return {
    seeds,
    file: { format: 1, networkId: "test", coordinator, nodes: signers, operators, organisations: [], defaults },
  };
}

export function seedOf(name: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(`seed of ${name}`).digest());
}

/** A transport that remembers what it reported. */
export class TestNode {
  readonly name: NodeId;
  readonly messages: { readonly from: NodeId; readonly bytes: Uint8Array }[] = [];
  readonly events: Event[] = [];
  readonly states: { readonly node: NodeId; readonly state: PeerState }[] = [];
  transport!: Transport;
  #waiting: (() => void)[] = [];

  private constructor(name: NodeId) {
    this.name = name;
  }

  static async start(network: TestNetwork, name: NodeId, options: Partial<TransportOptions> = {}): Promise<TestNode> {
    const node = new TestNode(name);
    node.transport = await createTransport({
      network: network.file,
      self: name,
      identitySeed: network.seeds.get(name)!,
      onMessage: (from, bytes) => node.#noted(node.messages.push({ from, bytes })),
      onPeer: (peer, state) => node.#noted(node.states.push({ node: peer, state })),
      onEvent: (event) => node.#noted(node.events.push(event)),
      ...options,
    });
    return node;
  }

  #noted(_: number): void {
    for (const look of this.#waiting) look();
  }

  /** Resolves as soon as `condition` holds; looked at whenever something is reported. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        this.#waiting = this.#waiting.filter((one) => one !== look);
        resolve();
      };
      this.#waiting.push(look);
      look();
    });
  }

  peer(name: NodeId): PeerState {
    return this.transport.peers().get(name)!;
  }

  connectedTo(...names: NodeId[]): Promise<void> {
    return this.until(() => names.every((name) => this.peer(name).connected));
  }

  /** Texts of the messages from a peer. */
  heard(from: NodeId): string[] {
    return this.messages.filter((one) => one.from === from).map((one) => new TextDecoder().decode(one.bytes));
  }

  say(to: NodeId, text: string): void {
    this.transport.send(to, new TextEncoder().encode(text));
  }

  event(type: string, more: Readonly<Record<string, unknown>> = {}): Event | undefined {
    return this.events.find(
      (one) => one.type === type && Object.entries(more).every(([name, value]) => one[name] === value),
    );
  }

  async happens(type: string, more: Readonly<Record<string, unknown>> = {}): Promise<Event> {
    await this.until(() => this.event(type, more) !== undefined);
    return this.event(type, more)!;
  }
}
