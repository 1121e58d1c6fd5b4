import { isEcdsa, type NodeId, unhex, type World } from "@quorate/orders";
import type { Link } from "./link.ts";
import type { Pairs } from "./pairs.ts";
import type { Peers } from "./peers.ts";
import type { KeyRecord } from "./records.ts";

/** How often a signer is asked at most, milliseconds. */
const ASK_MS = 1000;

/** What it works with. */
export interface UnreportedParts {
  readonly world: Pick<World, "now">;
  readonly peers: Peers;
  readonly pairs: Pairs;
  readonly link: Link;
}

/**
 * Signers that are connected and have not said that they hold a key, or that they are ready for ECDSA with another of its holders. What
 * they say of it may be lost: whoever is brought the certificate of a key that it uses already says all of it again.
 */
export class Unreported {
  readonly #parts: UnreportedParts;
  readonly #askedMs = new Map<NodeId, number>();

  constructor(parts: UnreportedParts) {
    this.#parts = parts;
  }

  /** Asks those whose word is missed, unless they were asked just now. */
  ask(key: KeyRecord): void {
    const { world, peers, link } = this.#parts;
    const now = world.now();
    for (const { node } of key.members) {
      if (!peers.connected(node) || !this.#isMissed(node, key)) continue;
      if (now - (this.#askedMs.get(node) ?? Number.NEGATIVE_INFINITY) < ASK_MS) continue;
      this.#askedMs.set(node, now);
      link.send(node, { kind: "certify", certificate: unhex(key.certificate) });
    }
  }

  #isMissed(node: NodeId, { keyId, suite, members }: KeyRecord): boolean {
    const { peers, pairs } = this.#parts;
    if (peers.holding(node, keyId) === undefined) return true;
    const others = members.filter((one) => one.node !== node && peers.connected(one.node));
    return isEcdsa(suite) && others.some((other) => !pairs.ready(node, other.node) && pairs.hopeful(node, other.node));
  }
}
