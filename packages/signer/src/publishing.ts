import type { Identity } from "@quorate/curves";
import { hex, type NodeId, type OrderOf, type PublishedCommitment, signCommitment, type Waits } from "@quorate/orders";
import type { FrostKey } from "./held-key.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { NoncePool, Unused } from "./nonce-pool.ts";

/** The most commitments made for one demand. */
const MAX_BATCH = 256;

/**
 * Used nonces are replaced so many at a time, a little after the answer that used the last of them; fewer once nobody has asked for
 * anything for a while. Signatures under way are not to wait for the cores that this takes, here and at the coordinator.
 */
const REPLACED_TOGETHER = 6;
const REPLACE_DELAY_MS = 40;
const QUIET_MS = 500;

/** Commitments of one key that a coordinator has used, and that it has yet to get others for. */
interface Owed {
  count: number;
  cancelTimer: () => void;
}

/** Makes nonces and publishes their commitments, signed: each to one coordinator, or two would reckon with it. */
export class Publishing {
  readonly #link: Link;
  readonly #identity: Identity;
  readonly #pool: NoncePool;
  readonly #waits: Waits;
  readonly #keyring: Keyring;
  readonly #owed = new Map<string, Owed>();

  constructor(parts: { link: Link; identity: Identity; pool: NoncePool; waits: Waits; keyring: Keyring }) {
    this.#link = parts.link;
    this.#identity = parts.identity;
    this.#pool = parts.pool;
    this.#waits = parts.waits;
    this.#keyring = parts.keyring;
  }

  /** An order has used up commitments: others take their place before they are missed, while nobody waits for them. */
  replace({ keyId, epoch }: FrostKey, count: number, to: NodeId): void {
    const place = `${to} ${hex(keyId)} ${epoch}`;
    const owed = this.#owed.get(place) ?? { count: 0, cancelTimer: () => {} };
    this.#owed.set(place, owed);
    const wasMany = owed.count >= REPLACED_TOGETHER;
    owed.count += count;
    if (wasMany) return;
    owed.cancelTimer();
    owed.cancelTimer = this.#waits.after(owed.count < REPLACED_TOGETHER ? QUIET_MS : REPLACE_DELAY_MS, () => {
      this.#owed.delete(place);
      this.replenish({ keyId, epoch, count: owed.count }, to);
    });
  }

  /** Fresh commitments for the key that a coordinator names, if this signer signs with it. */
  replenish({ keyId, epoch, count }: Omit<OrderOf<"replenish">, "kind">, to: NodeId): void {
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
