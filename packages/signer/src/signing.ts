import type { Identity } from "@quorate/curves";
import { type Commitment, signShare } from "@quorate/frost";
import {
  type OrderOf,
  type PublishedCommitment,
  type SignedShare,
  type SigningPackage,
  signShareStatement,
  type World,
} from "@quorate/orders";
import { type Admitted, admit, Refused } from "./admission.ts";
import { Bindings } from "./bindings.ts";
import { checkedList } from "./commitment-lists.ts";
import type { Behaviour } from "./config.ts";
import type { HeldKey, Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { NoncePool, Unused } from "./nonce-pool.ts";
import type { Publishing } from "./publishing.ts";

/** One digest of an order with everybody's commitments, all of it checked here. */
interface Checked {
  readonly own: Unused;
  readonly commitments: readonly Commitment[];
  readonly package: SigningPackage;
}

/** Answers orders to sign: checks, takes the nonces, binds the request durably, and only then sends shares. */
export class Signing {
  readonly #world: World;
  readonly #link: Link;
  readonly #identity: Identity;
  readonly #keyring: Keyring;
  readonly #pool: NoncePool;
  readonly #bindings: Bindings;
  readonly #publishing: Publishing;
  readonly #behaviour: Behaviour;

  constructor(parts: {
    world: World;
    link: Link;
    identity: Identity;
    keyring: Keyring;
    pool: NoncePool;
    bindings: Bindings;
    publishing: Publishing;
    behaviour: Behaviour;
  }) {
    this.#world = parts.world;
    this.#link = parts.link;
    this.#identity = parts.identity;
    this.#keyring = parts.keyring;
    this.#pool = parts.pool;
    this.#bindings = parts.bindings;
    this.#publishing = parts.publishing;
    this.#behaviour = parts.behaviour;
  }

  /** One round trip: the order brings everybody's commitments. */
  sign(order: OrderOf<"sign">): void {
    this.guarded(order.executionId, () => {
      const startedMs = this.#world.now();
      const admitted = admit(order, this.#keyring, this.#world);
      const checked = this.#checkLists(order, admitted);
      this.whenUnused(order, admitted, () => {
        for (const { own } of checked) {
          // Another order may have taken them since the lists were checked: who takes first is the only one.
          const taken = this.#pool.take(admitted.key, own.commitmentId);
          if (taken === undefined) throw new Refused("unknown_nonce", "these nonces are used");
        }
        const shares = this.#shares(admitted.key, checked);
        this.#send(order, shares, [], startedMs);
        this.#publishing.publish(admitted.key, checked.length);
      });
    });
  }

  /** The second of two rounds: the signers have exchanged commitments made for this order alone. */
  answer(
    order: OrderOf<"signInteractive">,
    admitted: Admitted,
    own: readonly Unused[],
    lists: readonly (readonly PublishedCommitment[])[],
  ): void {
    this.guarded(order.executionId, () => {
      const startedMs = this.#world.now();
      const checked = own.map((unused, at) => this.#check(admitted, at, lists[at] ?? [], unused));
      const packages = checked.map((one) => one.package);
      this.#send(order, this.#shares(admitted.key, checked), packages, startedMs);
    });
  }

  /** Goes on if the request id is not bound to anything else, here or on disk. */
  whenUnused(order: OrderOf<"sign"> | OrderOf<"signInteractive">, admitted: Admitted, then: () => void): void {
    const bound = { digest: Bindings.digest(admitted.key.keyId, order.request), deadline: order.deadline };
    this.#bindings.check(order.requestId, bound, (state) => {
      this.guarded(order.executionId, () => {
        if (state === "other") throw new Refused("already_used", "this request id is bound to another request");
        then();
      });
    });
  }

  /** Runs a step of an order; a refusal goes to the coordinator. */
  guarded(executionId: Uint8Array, step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#link.refuse(executionId, error.code, error.message);
    }
  }

  #checkLists(order: OrderOf<"sign">, admitted: Admitted): readonly Checked[] {
    const { items, key } = admitted;
    if (order.commitments.length !== items.length) {
      throw new Refused("invalid_order", `${order.commitments.length} commitment lists for ${items.length} digests`);
    }
    const used = new Set<Unused>();
    return order.commitments.map((list, at) => {
      const entry = list.find((one) => one.identifier === key.identifier);
      if (entry === undefined) throw new Refused("invalid_order", "this signer is not in the signing set");
      const own = this.#pool.find(key, entry.commitmentId);
      if (own === undefined || used.has(own)) throw new Refused("unknown_nonce", "no such unused nonces here");
      used.add(own);
      return this.#check(admitted, at, list, own);
    });
  }

  #check(admitted: Admitted, at: number, list: readonly PublishedCommitment[], own: Unused): Checked {
    const { key } = admitted;
    const item = admitted.items[at]!;
    const commitments = checkedList(this.#link.networkHash, key, list, own.nonces.commitment);
    const signed = { keyId: key.keyId, epoch: key.epoch, message: item.message, merkleRoot: item.merkleRoot };
    return { own, commitments, package: { ...signed, commitments: list } };
  }

  #shares(key: HeldKey, checked: readonly Checked[]): readonly SignedShare[] {
    return checked.map(({ own, commitments, package: answered }) => {
      const { message, merkleRoot } = answered;
      const share = signShare(key.share, own.nonces, commitments, message, merkleRoot);
      const sent = this.#behaviour.share?.(share) ?? share;
      return signShareStatement(this.#identity, this.#link.networkHash, answered, key.identifier, sent);
    });
  }

  /** Makes the binding durable, then sends. */
  #send(
    order: OrderOf<"sign"> | OrderOf<"signInteractive">,
    shares: readonly SignedShare[],
    packages: readonly SigningPackage[],
    startedMs: number,
  ): void {
    const { executionId } = order;
    const computeMicros = Math.round((this.#world.now() - startedMs) * 1000);
    this.#bindings.write(order.requestId, (result) => {
      if (result === "ok") this.#link.report({ kind: "shares", executionId, shares, packages, computeMicros });
      else this.#link.refuse(executionId, "no_space", `the request could not be bound durably (${result})`);
    });
  }
}
