import type { NetworkFile, NodeId, OutcomeOf, Waits, World } from "@quorate/orders";
import type { CommitmentStore } from "./commitment-store.ts";
import { EncryptionKeys } from "./encryption-keys.ts";
import { Exporting } from "./exporting.ts";
import { KeyMaking } from "./key-making.ts";
import { KeyRuns } from "./key-runs.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { Peers } from "./peers.ts";
import type { Presignatures } from "./presignatures.ts";
import { Refreshing } from "./refreshing.ts";
import type { Supply } from "./supply.ts";

/** What the life of keys is led with. */
export interface KeyLifeParts {
  readonly world: World;
  readonly waits: Waits;
  readonly network: NetworkFile;
  readonly link: Link;
  readonly peers: Peers;
  readonly keyring: Keyring;
  readonly store: CommitmentStore;
  readonly supply: Supply;
  readonly presignatures: Presignatures;
}

/** How keys begin, get new shares and leave: what the signers say of that goes to whom it concerns. */
export class KeyLife {
  readonly making: KeyMaking;
  readonly refreshing: Refreshing;
  readonly exporting: Exporting;
  readonly encryptionKeys: EncryptionKeys;
  readonly #runs: KeyRuns;

  constructor(parts: KeyLifeParts) {
    const runs = new KeyRuns(parts);
    this.#runs = runs;
    this.making = new KeyMaking({ ...parts, runs });
    this.refreshing = new Refreshing({ ...parts, runs });
    this.exporting = new Exporting(parts);
    this.encryptionKeys = new EncryptionKeys(parts.link, parts.network);
  }

  /** A signer runs anew: it has joined the runs under way, and may have forgotten that. */
  restarted(node: NodeId): void {
    this.#runs.restarted(node);
  }

  take(
    from: NodeId,
    outcome: OutcomeOf<"keygenDone"> | OutcomeOf<"certified"> | OutcomeOf<"exported"> | OutcomeOf<"encryptionKey">,
  ): void {
    switch (outcome.kind) {
      case "keygenDone":
        return this.#runs.done(from, outcome);
      case "certified":
        return this.refreshing.certified(from, outcome);
      case "exported":
        return this.exporting.exported(from, outcome);
      case "encryptionKey":
        return this.encryptionKeys.take(from, outcome);
    }
  }

  /** @returns whether the execution is about the life of a key */
  aborted(from: NodeId, outcome: OutcomeOf<"aborted">): boolean {
    return this.#runs.aborted(from, outcome);
  }

  /** @returns whether the execution is about the life of a key */
  refused(from: NodeId, outcome: OutcomeOf<"refused">): boolean {
    return this.#runs.refused(from, outcome) || this.exporting.refused(from, outcome);
  }
}
