import { type Commitment, FrostError, parseCommitment } from "@quorate/frost/aggregate";
import {
  hex,
  type NodeId,
  type OutcomeOf,
  type PublishedCommitment,
  verifyCommitment,
  type World,
} from "@quorate/orders";
import type { CommitmentStore } from "./commitment-store.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { Peers } from "./peers.ts";
import type { KeyRecord } from "./records.ts";

/** What the supply of commitments works with. */
export interface SupplyParts {
  readonly world: World;
  readonly link: Link;
  readonly peers: Peers;
  readonly keyring: Keyring;
  readonly store: CommitmentStore;
}

/** Keeps nonce commitments lying ready for the keys in use, so that signing takes one round trip. */
export class Supply {
  readonly #parts: SupplyParts;
  /** Keys made or used since this coordinator started; others cost their signers nothing. */
  readonly #warm = new Map<string, KeyRecord>();

  constructor(parts: SupplyParts) {
    this.#parts = parts;
  }

  /** Asks the members of a key for commitments where they run low; `count` is what one request takes. */
  fill(key: KeyRecord, count = 1): void {
    this.#warm.set(key.keyId, key);
    for (const { node } of key.members) this.#ask(node, key, count);
  }

  /** The holders of a key have new shares. Asks for commitments where it is in use. */
  renewed(key: KeyRecord): void {
    if (this.#warm.has(key.keyId)) this.fill(key);
  }

  /** A signer has connected and reported its keys. */
  welcome(node: NodeId): void {
    for (const key of this.#warm.values()) this.#ask(node, key, 1);
  }

  /** Takes in what a signer published: only what it signed for this key, and only valid points, or honest signers would refuse the lists. */
  take(from: NodeId, outcome: OutcomeOf<"commitments">): void {
    const { link, keyring, store } = this.#parts;
    const record = keyring.byKeyId(hex(outcome.keyId));
    const member = record?.members.find((one) => one.node === from);
    if (record === undefined || member === undefined) return;
    const scope = { networkHash: link.networkHash, keyId: outcome.keyId, epoch: record.epoch };
    const identity = link.identityOf(from)!;
    const good = outcome.commitments
      .filter((one) => one.identifier === member.identifier && verifyCommitment(identity, scope, one))
      .map((one) => this.#parsed(record, one))
      .filter((one) => one !== undefined);
    if (good.length < outcome.commitments.length) link.refuse(from, "bad_commitment", "unsigned, foreign or invalid");
    store.add(from, record.keyId, good);
  }

  #parsed(record: KeyRecord, published: PublishedCommitment): Commitment<PublishedCommitment> | undefined {
    try {
      return parseCommitment(this.#parts.keyring.suite(record), published);
    } catch (error) {
      if (error instanceof FrostError) return undefined;
      throw error;
    }
  }

  #ask(node: NodeId, key: KeyRecord, least: number): void {
    const { world, link, peers, keyring, store } = this.#parts;
    const holding = peers.holding(node, key.keyId);
    if (!peers.connected(node) || holding?.state !== "active" || holding.epoch !== key.epoch) return;
    const count = store.demand(node, key.keyId, least, world.now());
    if (count > 0) link.send(node, { kind: "replenish", keyId: keyring.keyId(key), epoch: key.epoch, count });
  }
}
