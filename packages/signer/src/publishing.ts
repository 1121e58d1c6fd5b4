import type { Identity } from "@quorate/curves";
import { type PublishedCommitment, signCommitment } from "@quorate/orders";
import type { HeldKey } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { NoncePool, Unused } from "./nonce-pool.ts";

/** The most commitments made for one demand. */
const MAX_BATCH = 256;

/** Makes nonces and publishes their commitments, signed, to the coordinator. */
export class Publishing {
  readonly #link: Link;
  readonly #identity: Identity;
  readonly #pool: NoncePool;

  constructor(link: Link, identity: Identity, pool: NoncePool) {
    this.#link = link;
    this.#identity = identity;
    this.#pool = pool;
  }

  /** Fresh commitments for a key, on the coordinator's demand or in place of used ones. */
  publish(key: HeldKey, count: number): void {
    const made = this.#pool.make(key, Math.min(count, MAX_BATCH));
    const commitments = made.map((unused) => this.signed(key, unused));
    this.#link.report({ kind: "commitments", keyId: key.keyId, epoch: key.epoch, commitments });
  }

  /** The published form of a commitment of ours. */
  signed(key: HeldKey, { commitmentId, nonces }: Unused): PublishedCommitment {
    const { identifier, hiding, binding } = nonces.commitment.encoded;
    const scope = { networkHash: this.#link.networkHash, keyId: key.keyId, epoch: key.epoch };
    return signCommitment(this.#identity, scope, { identifier, commitmentId, hiding, binding });
  }
}
