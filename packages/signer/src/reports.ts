import type { NodeId } from "@quorate/orders";
import type { Authority } from "./authority/authority.ts";
import type { EncryptionKeys } from "./encryption-keys.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { Pairs } from "./pairs.ts";
import type { Presigning } from "./presigning.ts";

/** What reports are about. */
export interface ReportsParts {
  readonly link: Link;
  readonly keyring: Keyring;
  readonly pairs: Pairs;
  readonly presigning: Presigning;
  readonly encryptionKeys: EncryptionKeys;
  readonly authority: Authority;
  /** Whether a node is connected. */
  readonly isConnected: (node: NodeId) => boolean;
}

/** What the coordinators know of this signer, once it serves. */
export class Reports {
  readonly #parts: ReportsParts;
  /** Before it is, nothing is told. */
  isReady = false;

  constructor(parts: ReportsParts) {
    this.#parts = parts;
  }

  /** Tells coordinators all that they need to know of this signer: those that are there, unless it says which. */
  all(to: readonly NodeId[] = this.#coordinators()): void {
    if (!this.isReady) return;
    const { link, keyring, pairs, presigning, encryptionKeys, authority } = this.#parts;
    for (const coordinator of to) {
      link.report(coordinator, { kind: "holdings", keys: keyring.holdings() });
      link.report(coordinator, { kind: "pairs", pairs: pairs.standing() });
      presigning.report(coordinator);
      const shown = encryptionKeys.shown();
      if (shown !== undefined) link.report(coordinator, { kind: "encryptionKey", ...shown });
      authority.report(coordinator);
    }
  }

  /** @param dropped the node whose presignatures are worthless now */
  pairsChanged(dropped: NodeId | undefined): void {
    const { link, pairs, presigning } = this.#parts;
    if (dropped !== undefined) presigning.dropWith(dropped);
    if (!this.isReady) return;
    for (const coordinator of this.#coordinators())
      link.report(coordinator, { kind: "pairs", pairs: pairs.standing() });
  }

  #coordinators(): readonly NodeId[] {
    return this.#parts.link.coordinators.filter((one) => this.#parts.isConnected(one));
  }
}
