import type { DerivedItem } from "@quorate/authority";
import { type Identity, sha256 } from "@quorate/curves";
import { type Commitment, type PreparedShare, prepareShare, signPrepared } from "@quorate/frost";
import {
  type AuditAction,
  type OrderOf,
  type PublishedCommitment,
  type SignedShare,
  type SigningPackage,
  signShareStatement,
  unhex,
} from "@quorate/orders";
import {
  type AdmissionParts,
  type Admitted,
  admit,
  checkDeadline,
  frostOnly,
  heldKey,
  type SigningOrder,
} from "./admission.ts";
import { Ahead } from "./ahead.ts";
import type { Halting } from "./authority/halting.ts";
import type { Logs } from "./authority/logs.ts";
import { checkPermitted, type Permit } from "./authority/permission.ts";
import { Bindings, type Bound } from "./bindings.ts";
import { checkedList } from "./commitment-lists.ts";
import type { Behaviour } from "./config.ts";
import type { FrostKey } from "./held-key.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { NoncePool, Unused } from "./nonce-pool.ts";
import type { Lives } from "./presence/lives.ts";
import type { Publishing } from "./publishing.ts";
import { Refused } from "./refused.ts";

/** One digest of an order with everybody's commitments, all of it checked here: what is left to do needs the nonces. */
interface Checked {
  readonly own: Unused;
  readonly prepared: PreparedShare;
  readonly package: SigningPackage;
}

/** What signing works with. */
export interface SigningParts extends AdmissionParts {
  readonly link: Link;
  readonly logs: AdmissionParts["logs"] & Pick<Logs, "newest">;
  readonly identity: Identity;
  readonly keyring: Keyring;
  readonly pool: NoncePool;
  readonly bindings: Bindings;
  readonly publishing: Publishing;
  readonly behaviour: Behaviour;
  readonly halting: Pick<Halting, "check">;
  readonly lives: Pick<Lives, "check" | "voids">;
}

/** Answers orders to sign: checks, binds the request durably, takes the nonces, and only then sends shares. */
export class Signing {
  readonly #parts: SigningParts;

  constructor(parts: SigningParts) {
    this.#parts = parts;
  }

  /** One round trip: the order brings everybody's commitments. */
  sign(order: OrderOf<"sign">): void {
    const { pool, publishing, link } = this.#parts;
    this.guarded(order.executionId, () => {
      const admitted = frostOnly(admit(order, this.#parts));
      const own = this.#find(order, admitted);
      const checked = new Ahead(() => this.#checkLists(order, admitted, own));
      const answer = () => {
        const { result } = checked;
        // Another order may have taken some since they were found: who takes first is the only one.
        if (!pool.take(admitted.key, own)) throw new Refused("unknown_nonce", "these nonces are used");
        this.#send(order, admitted.key, result, []);
        const asker = link.askerOf(order.executionId);
        if (asker !== undefined) publishing.replace(admitted.key, own.length, asker);
      };
      this.bind(order, admitted, answer, () => checked.begin());
    });
  }

  /** The second of two rounds: the signers have exchanged and checked commitments made for this order alone. */
  answer(
    order: OrderOf<"signInteractive">,
    { key, items }: Admitted<FrostKey>,
    own: readonly Unused[],
    lists: readonly (readonly Commitment<PublishedCommitment>[])[],
  ): void {
    this.guarded(order.executionId, () => {
      this.checkStill(order);
      const checked = own.map((unused, at) => {
        const list = lists[at]!;
        const published = list.map((one) => one.encoded);
        return checkedOf(key, items[at]!, unused, list, published);
      });
      const packages = checked.map((one) => one.package);
      this.#send(order, key, checked, packages);
    });
  }

  /**
   * Binds the user's authorisation durably to what this order asks, then goes on: nothing is sent for it before.
   *
   * @param meanwhile work for the time in which the disk has its own, if it is needed at all
   */
  bind(order: SigningOrder, { permit }: Pick<Admitted, "permit">, then: () => void, meanwhile?: () => void): void {
    const digest = Bindings.digest(order);
    const { signature } = permit;
    const isVoid = this.#parts.lives.voids(permit.challengeEnds);
    const fresh = permit.fresh && !isVoid;
    const entry = answered(order, permit, digest);
    const asked = { digest, deadline: order.deadline, until: signature.expires, fresh, entry };
    const done = (bound: Bound) => {
      this.guarded(order.executionId, () => {
        if (bound === "other") throw new Refused("already_used", "this authorisation is bound to another request");
        if (bound === "late" && isVoid)
          throw new Refused("rolled_back", "this authorisation may have been used before this signer lost records");
        if (bound === "late")
          throw new Refused("expired", "the user's authorisation expired before this signer saw it");
        if (bound === "busy") throw new Refused("busy", "too many requests at once");
        if (bound !== "bound") throw new Refused("no_space", `the request could not be bound durably (${bound})`);
        this.checkStill(order);
        then();
      });
    };
    this.#parts.bindings.bind(signature.authorisation, asked, done, meanwhile);
  }

  /**
   * Asked again after every wait, for the disk or for others, and before an answer is given again: it may be too late, the key may have
   * got new shares, somebody may have halted this signer, or the log taken away what permitted this.
   *
   * @throws Refused
   */
  checkStill(order: SigningOrder): void {
    const { world, keyring, halting, lives, logs, network } = this.#parts;
    checkDeadline(order, world);
    heldKey(order, keyring);
    halting.check();
    lives.check();
    checkPermitted(order, logs, network.networkId, world.wallNow());
  }

  /** Runs a step of an order; a refusal goes to whoever gave it. */
  guarded(executionId: Uint8Array, step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#parts.link.refuseOrder(executionId, error.code, error.message);
    }
  }

  /** This signer's own nonces for each digest. */
  #find(order: OrderOf<"sign">, { items, key }: Admitted<FrostKey>): readonly Unused[] {
    if (order.commitments.length !== items.length) {
      throw new Refused("invalid_order", `${order.commitments.length} commitment lists for ${items.length} digests`);
    }
    const used = new Set<Unused>();
    return order.commitments.map((list) => {
      const entry = list.find((one) => one.identifier === key.identifier);
      if (entry === undefined) throw new Refused("invalid_order", "this signer is not in the signing set");
      const own = this.#parts.pool.find(key, entry.commitmentId);
      if (own === undefined || used.has(own)) throw new Refused("unknown_nonce", "no such unused nonces here");
      used.add(own);
      return own;
    });
  }

  #checkLists(
    { commitments }: OrderOf<"sign">,
    { items, key }: Admitted<FrostKey>,
    own: readonly Unused[],
  ): readonly Checked[] {
    const { networkHash } = this.#parts.link;
    return own.map((unused, at) => {
      const published = commitments[at]!;
      const list = checkedList(networkHash, key, published, unused.nonces.commitment);
      return checkedOf(key, items[at]!, unused, list, published);
    });
  }

  #send(
    { executionId }: { readonly executionId: Uint8Array },
    key: FrostKey,
    checked: readonly Checked[],
    packages: readonly SigningPackage[],
  ): void {
    const { world, link } = this.#parts;
    const startedMs = world.now();
    const shares = checked.map((one) => this.#share(key, one));
    const computeMicros = Math.round((world.now() - startedMs) * 1000);
    link.answer({ kind: "shares", executionId, shares, packages, computeMicros });
  }

  #share(key: FrostKey, { own, prepared, package: answered }: Checked): SignedShare {
    const { identity, link, behaviour } = this.#parts;
    const share = signPrepared(key.share, own.nonces, prepared);
    const sent = behaviour.share?.(share) ?? share;
    return signShareStatement(identity, link.networkHash, answered, key.identifier, sent);
  }
}

/** What the audit log says of a request that is answered. */
function answered({ request }: SigningOrder, { organisation, signature }: Permit, digest: Uint8Array): AuditAction {
  const { authorisation, key, user, token } = signature;
  const id = unhex(authorisation);
  return {
    kind: "answered",
    authorisation: id,
    organisation,
    key: key.id,
    user,
    token,
    digest,
    request: sha256(request),
  };
}

function checkedOf(
  { share, keyId, epoch, path }: FrostKey,
  { message, merkleRoot }: DerivedItem,
  own: Unused,
  list: readonly Commitment[],
  published: readonly PublishedCommitment[],
): Checked {
  const prepared = prepareShare(share, own.nonces.commitment, list, message, merkleRoot);
  return { own, prepared, package: { keyId, epoch, path, message, merkleRoot, commitments: published } };
}
