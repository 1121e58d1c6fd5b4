import { importConfig, importKey, type KeygenConfig } from "@quorate/keygen";
import { decodeImport, type ImportedShare, TransferError } from "@quorate/keygen/transfer";
import { type NodeId, type OrderOf, signerIdOf } from "@quorate/orders";
import { checkImport } from "./authority/cause.ts";
import type { Logs } from "./authority/logs.ts";
import type { EncryptionKeys } from "./encryption-keys.ts";
import { type KeyRuns, type KeyRunsParts, orRefuse } from "./key-runs.ts";
import type { Lives } from "./presence/lives.ts";
import { Refused } from "./refused.ts";

/** What imports work with. */
export interface ImportingParts extends KeyRunsParts {
  readonly runs: KeyRuns;
  readonly logs: Logs;
  readonly lives: Lives;
  readonly encryptionKeys: EncryptionKeys;
}

/**
 * Takes part in bringing a key here that existed elsewhere. The share that was sealed to this signer is never stored and never signs:
 * the run that ends with a certificate has refreshed it.
 */
export class Importing {
  readonly #parts: ImportingParts;

  constructor(parts: ImportingParts) {
    this.#parts = parts;
  }

  start(order: OrderOf<"import">): void {
    const { signing, runs, keyring, identity, world, self } = this.#parts;
    signing.guarded(order.executionId, () => {
      const origin = checkImport(order, this.#parts, (node) => this.#signerId(node), self);
      const base = this.#admit(order);
      if (keyring.full) throw new Refused("no_space", "this signer holds as many keys as it can");
      const { share, publicShares } = this.#open(order, base);
      const config = orRefuse(() => importConfig(base, publicShares));
      runs.start({
        name: "import",
        config,
        members: order.members,
        origin,
        protocol: (own) => orRefuse(() => importKey(config, own, share, identity, (length) => world.random(length))),
      });
    });
  }

  #signerId(node: NodeId): string | undefined {
    const identity = this.#parts.link.identityOf(node);
    return identity && signerIdOf(identity);
  }

  /** Whether this signer takes part: its place is the one that whoever dealt the shares computed, too. @throws Refused */
  #admit(order: OrderOf<"import">): KeygenConfig {
    const base = this.#parts.runs.config(order);
    const ranked = base.participants.toSorted((a, b) => Buffer.compare(a.publicKey, b.publicKey));
    if (ranked.some((one, at) => one.identifier !== at + 1))
      throw new Refused("invalid_order", "the members are not numbered by the order of their identities");
    return base;
  }

  #open(order: OrderOf<"import">, { group }: KeygenConfig): ImportedShare {
    try {
      using plaintext = this.#parts.encryptionKeys.open(order.sealedShare);
      return decodeImport(group, plaintext.expose());
    } catch (error) {
      if (error instanceof TransferError)
        throw new Refused("invalid_order", `the share for this signer: ${error.message}`);
      throw error;
    }
  }
}
