import {
  type EncryptionKey,
  type NetworkFile,
  type NodeId,
  type OutcomeOf,
  verifyEncryptionKey,
} from "@quorate/orders";
import { holdersOf } from "./key-making.ts";
import type { Link } from "./link.ts";

/** A signer as whoever deals the shares of an imported key needs to know it. */
export interface SignerReport {
  readonly node: NodeId;
  /** Its identity, 32 bytes: by these the signers are ranked. */
  readonly publicKey: Uint8Array;
  /** `null` of one that has not said it since this coordinator started. */
  readonly encryption: EncryptionKey | null;
}

/** To what shares for the signers are sealed, as each of them has signed it. */
export class EncryptionKeys {
  readonly #link: Link;
  readonly #network: NetworkFile;
  readonly #keys = new Map<NodeId, EncryptionKey>();

  constructor(link: Link, network: NetworkFile) {
    this.#link = link;
    this.#network = network;
  }

  take(from: NodeId, { encryptionKey, signature }: OutcomeOf<"encryptionKey">): void {
    const shown = { encryptionKey: encryptionKey.slice(), signature: signature.slice() };
    const identity = this.#link.identityOf(from)!;
    if (verifyEncryptionKey(identity, this.#link.networkHash, shown)) this.#keys.set(from, shown);
    else this.#link.refuse(from, "bad_encryption_key", "its signature does not verify");
  }

  /** Who would hold a new key. */
  signers(): readonly SignerReport[] {
    return holdersOf(this.#network).map((node) => {
      return { node, publicKey: this.#link.identityOf(node)!, encryption: this.#keys.get(node) ?? null };
    });
  }
}
