import { type NodeId, unhex, type World } from "@quorate/orders";
import type { Link } from "./link.ts";
import type { Peers } from "./peers.ts";
import type { KeyRecord } from "./records.ts";

/** How often a signer is asked at most, milliseconds. */
const ASK_MS = 1000;

/**
 * Signers that are connected and have not said that they hold a key. What they say of their keys when they connect may be lost: whoever is
 * brought the certificate of a key that it uses already says it again.
 */
export class Unreported {
  readonly #world: Pick<World, "now">;
  readonly #peers: Peers;
  readonly #link: Link;
  readonly #askedMs = new Map<NodeId, number>();

  constructor(parts: { readonly world: Pick<World, "now">; readonly peers: Peers; readonly link: Link }) {
    this.#world = parts.world;
    this.#peers = parts.peers;
    this.#link = parts.link;
  }

  /** Asks those whose word on a key is missed, unless they were asked just now. */
  ask({ keyId, members, certificate }: KeyRecord): void {
    const now = this.#world.now();
    for (const { node } of members) {
      if (!this.#peers.connected(node) || this.#peers.holding(node, keyId) !== undefined) continue;
      if (now - (this.#askedMs.get(node) ?? Number.NEGATIVE_INFINITY) < ASK_MS) continue;
      this.#askedMs.set(node, now);
      this.#link.send(node, { kind: "certify", certificate: unhex(certificate) });
    }
  }
}
