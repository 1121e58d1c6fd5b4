import type { Connection, Libp2p, Stream } from "@libp2p/interface";
import { type ByteStream, byteStream } from "@libp2p/utils";
import { multiaddr } from "@multiformats/multiaddr";
import { decode, encode } from "@quorate/curves";
import { findNode, type NetworkFile, type NodeId, networkHash } from "@quorate/orders";
import { Directory } from "../directory.ts";
import { decodeHeader, encodeFrame, FRAME, type FrameKind, HEADER_BYTES } from "../frame.ts";
import { type Hello, hello, PROTOCOL_VERSION, verdict } from "../hello.ts";
import { createNode } from "../node.ts";

/** The names of two nodes of a network: who dials, who listens. */
export function directionOf(network: NetworkFile, one: NodeId, other: NodeId): [dialler: NodeId, listener: NodeId] {
  const listed = new Directory(network, one).others.find((peer) => peer.node.name === other)!;
  return listed.dialled ? [one, other] : [other, one];
}

/** A libp2p node that calls one victim and says what it likes. */
export class Rogue {
  readonly #node: Libp2p;
  readonly #network: NetworkFile;
  readonly #victim: NodeId;

  private constructor(node: Libp2p, network: NetworkFile, victim: NodeId) {
    this.#node = node;
    this.#network = network;
    this.#victim = victim;
  }

  static async start(network: NetworkFile, identitySeed: Uint8Array, victim: NodeId): Promise<Rogue> {
    const node = await createNode(identitySeed, [], {});
    await node.start();
    return new Rogue(node, network, victim);
  }

  stop(): Promise<void> {
    return this.#node.stop() as Promise<void>;
  }

  /** libp2p resolves this although the victim refuses. */
  dial(): Promise<Connection> {
    const address = findNode(this.#network, this.#victim)!.addresses[0]!;
    return this.#node.dial(multiaddr(address), { force: true });
  }

  async open(protocol: string): Promise<RogueStream> {
    return new RogueStream(await (await this.dial()).newStream(protocol));
  }

  /** As an honest node, but for what `edit` changes. */
  honestHello(name: NodeId, edit: Partial<Hello> = {}): Uint8Array {
    const instance = new Uint8Array(16).fill(7);
    const honest = { version: PROTOCOL_VERSION, networkHash: networkHash(this.#network), node: name, instance };
    return encode(hello, { ...honest, features: [], ...edit });
  }

  /** Past the greeting. */
  async join(protocol: string, name: NodeId): Promise<RogueStream> {
    const stream = await this.open(protocol);
    stream.send(FRAME.hello, this.honestHello(name));
    stream.send(FRAME.verdict, encode(verdict, { code: "accepted", detail: "" }));
    if ((await stream.verdict()) !== "accepted") throw new Error("the victim did not accept the rogue");
    return stream;
  }
}

export class RogueStream {
  readonly raw: Stream;
  readonly #bytes: ByteStream<Stream>;

  constructor(raw: Stream) {
    this.raw = raw;
    this.#bytes = byteStream(raw, { maxBufferSize: 1 << 26 });
  }

  send(kind: FrameKind, body: Uint8Array): void {
    this.raw.send(encodeFrame(kind, body));
  }

  async read(): Promise<{ readonly kind: FrameKind; readonly body: Uint8Array }> {
    const header = await this.#bytes.read({ bytes: HEADER_BYTES });
    const { kind, length } = decodeHeader(header.subarray(), 1 << 24);
    return { kind, body: (await this.#bytes.read({ bytes: length })).slice() };
  }

  /** The first frame of that kind. */
  async next(wanted: FrameKind): Promise<Uint8Array> {
    for (;;) {
      const { kind, body } = await this.read();
      if (kind === wanted) return body;
    }
  }

  async verdict(): Promise<string> {
    return decode(verdict, await this.next(FRAME.verdict)).code;
  }

  /** Resolves when the victim has ended the stream. */
  async ended(): Promise<void> {
    try {
      for (;;) await this.read();
    } catch {
      // The end of the stream is an error of the reader.
    }
  }
}
