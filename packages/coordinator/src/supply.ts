import type { NodeId } from "@quorate/orders";
import type { CommitmentStore } from "./commitment-store.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { Peers } from "./peers.ts";
import type { KeyRecord } from "./records.ts";

/** Keeps nonce commitments lying ready for the keys in use, so that signing takes one round trip. */
export class Supply {
  readonly #link: Link;
  readonly #peers: Peers;
  readonly #keyring: Keyring;
  readonly #store: CommitmentStore;
  /** Keys made or used since this coordinator started; others cost their signers nothing. */
  readonly #warm = new Map<string, KeyRecord>();

  constructor(parts: { link: Link; peers: Peers; keyring: Keyring; store: CommitmentStore }) {
    this.#link = parts.link;
    this.#peers = parts.peers;
    this.#keyring = parts.keyring;
    this.#store = parts.store;
  }

  /** Asks the members of a key for commitments where they run low; `count` is what one request takes. */
  fill(key: KeyRecord, count = 1): void {
    this.#warm.set(key.keyId, key);
    for (const { node } of key.members) this.#ask(node, key, count);
  }

  /** A signer has connected and reported its keys. */
  welcome(node: NodeId): void {
    for (const key of this.#warm.values()) this.#ask(node, key, 1);
  }

  #ask(node: NodeId, key: KeyRecord, least: number): void {
    if (!this.#peers.connected(node) || this.#peers.holding(node, key.keyId)?.state !== "active") return;
    const demand = this.#store.demand(node, key.keyId);
    if (demand === 0) return;
    const count = Math.max(demand, least);
    this.#link.send(node, { kind: "replenish", keyId: this.#keyring.keyId(key), epoch: key.epoch, count });
  }
}
