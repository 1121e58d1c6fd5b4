import type { Codec, Identity } from "@quorate/curves";
import type { NodeId } from "./ids.ts";
import { unhex } from "./ids.ts";
import { everyoneOf, type NetworkFile, networkHash } from "./network.ts";
import { type Addressing, open, seal } from "./signed.ts";
import type { World } from "./world.ts";

/** What one node of a network says to others and hears from them, signed and addressed. */
export class Conversation {
  readonly networkHash: Uint8Array;
  readonly #world: Pick<World, "send" | "emit">;
  readonly #self: NodeId;
  readonly #identity: Identity;
  readonly #publicKeys: ReadonlyMap<NodeId, Uint8Array>;

  constructor(world: Pick<World, "send" | "emit">, network: NetworkFile, self: NodeId, identity: Identity) {
    this.networkHash = networkHash(network);
    this.#world = world;
    this.#self = self;
    this.#identity = identity;
    this.#publicKeys = new Map(everyoneOf(network).map((node) => [node.name, unhex(node.publicKey)]));
  }

  /** Public identity of a node, 32 bytes. */
  identityOf(node: NodeId): Uint8Array | undefined {
    return this.#publicKeys.get(node);
  }

  say<T>(to: NodeId, purpose: Addressing["purpose"], codec: Codec<T>, value: T): void {
    const address = { networkHash: this.networkHash, purpose, from: this.#self, to };
    this.#world.send(to, seal(codec, value, this.#identity, address));
  }

  /** @returns `undefined` for anything that is not a signed message of `from` to this node, after saying so in an event */
  hear<T>(from: NodeId, purpose: Addressing["purpose"], codec: Codec<T>, bytes: Uint8Array): T | undefined {
    const publicKey = this.#publicKeys.get(from);
    if (publicKey === undefined) return undefined;
    const address = { networkHash: this.networkHash, purpose, from, to: this.#self };
    const message = this.read(from, () => open(codec, bytes, publicKey, address) ?? "unsigned");
    if (message !== "unsigned") return message;
    this.refuse(from, "bad_signature", `the ${purpose}'s signature does not verify`);
    return undefined;
  }

  /** Decodes what `from` sent. @returns `undefined` for what does not decode, after saying so in an event */
  read<T>(from: NodeId, decode: () => T): T | undefined {
    try {
      return decode();
    } catch (error) {
      this.refuse(from, "malformed_message", (error as Error).message);
      return undefined;
    }
  }

  /** Says that something that a peer sent is ignored. */
  refuse(peer: NodeId, code: string, detail: string): void {
    this.#world.emit({ type: "message.refused", peer, code, detail });
  }
}
