import type { Identity } from "@quorate/curves";
import { type NodeId, type OrderOf, type PublishedCommitment, signCommitment, type Waits } from "@quorate/orders";
import type { FrostKey } from "./held-key.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { NoncePool, Unused } from "./nonce-pool.ts";

/** The most commitments made for one demand. */
const MAX_BATCH = 256;

/** How long after an answer the nonces that it used are replaced: by then the signature is out, which is not to wait for the same cores. */
const REPLACE_DELAY_MS = 40;

/** Makes nonces and publishes their commitments, signed: each to one coordinator, or two would reckon with it. */
export class Publishing {
  readonly #link: Link;
  readonly #identity: Identity;
  readonly #pool: NoncePool;
  readonly #waits: Waits;
  readonly #keyring: Keyring;

  constructor(parts: { link: Link; identity: Identity; pool: NoncePool; waits: Waits; keyring: Keyring }) {
    this.#link = parts.link;
    this.#identity = parts.identity;
    this.#pool = parts.pool;
    this.#waits = parts.waits;
    this.#keyring = parts.keyring;
  }

  /** Replaces commitments that an order has used up, once its answer is on its way: nobody waits for these. */
  replace(key: FrostKey, count: number, to: NodeId): void {
    this.#waits.after(REPLACE_DELAY_MS, () => this.publish(key, count, to));
  }

  /** Fresh commitments for the key that a coordinator names, if this signer signs with it. */
  replenish({ keyId, epoch, count }: OrderOf<"replenish">, to: NodeId): void {
    const entry = this.#keyring.find(keyId);
    const key = entry?.state === "active" && entry.exported !== true ? entry.key : undefined;
    if (key?.kind === "frost" && key.epoch === epoch) this.publish(key, count, to);
  }

  /** Fresh commitments for a key, on a coordinator's demand. */
  publish(key: FrostKey, count: number, to: NodeId): void {
    const made = this.#pool.make(key, Math.min(count, MAX_BATCH));
    const commitments = made.map((unused) => this.signed(key, unused));
    this.#link.report(to, { kind: "commitments", keyId: key.keyId, epoch: key.epoch, commitments });
  }

  /** The published form of a commitment of ours. */
  signed(key: FrostKey, { commitmentId, nonces }: Unused): PublishedCommitment {
    const { identifier, hiding, binding } = nonces.commitment.encoded;
    const scope = { networkHash: this.#link.networkHash, keyId: key.keyId, epoch: key.epoch };
    return signCommitment(this.#identity, scope, { identifier, commitmentId, hiding, binding });
  }
}
