import { type Backend, group, Secret } from "@quorate/curves";
import { encodeExport, parseEncryptionKey, sealShare, TransferError } from "@quorate/keygen/transfer";
import { hex, type OrderOf, type Waits, type World } from "@quorate/orders";
import { activeKey } from "./admission.ts";
import { checkExport } from "./authority/cause.ts";
import type { Logs } from "./authority/logs.ts";
import { groupOf, type HeldKey, signingShareOf } from "./held-key.ts";
import type { KeyRuns } from "./key-runs.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import { Refused } from "./refused.ts";
import type { Signing } from "./signing.ts";

/** What exports work with. */
export interface ExportingParts {
  readonly world: World;
  readonly waits: Waits;
  readonly backend: Backend;
  readonly link: Link;
  readonly keyring: Keyring;
  readonly signing: Signing;
  readonly runs: KeyRuns;
  readonly logs: Logs;
}

/** Gives this signer's share of a key away, sealed to whom its user named. A key that somebody holds whole is no threshold key any more: from then on the key is not only here. */
export class Exporting {
  readonly #parts: ExportingParts;

  constructor(parts: ExportingParts) {
    this.#parts = parts;
  }

  start(order: OrderOf<"export">): void {
    const { signing } = this.#parts;
    signing.guarded(order.executionId, () => {
      const { logs, keyring } = this.#parts;
      const endsSigning = checkExport(order, logs, keyring);
      const key = this.#admit(order);
      if (!endsSigning) return this.#give(order, key);
      this.#end(order, key, () => this.#give(order, key));
    });
  }

  /** Whether this signer gives its share away, and of which key. Also of one that it gave away before: an answer may be lost. @throws Refused */
  #admit({ keyId, epoch, encryptionKey }: OrderOf<"export">): HeldKey {
    try {
      parseEncryptionKey(group("secp256k1", this.#parts.backend), encryptionKey);
    } catch (error) {
      if (error instanceof TransferError) throw new Refused("invalid_order", `encryptionKey: ${error.message}`);
      throw error;
    }
    return activeKey({ keyId, epoch }, this.#parts.keyring).key;
  }

  /** It is durable that this signer signs no more before its share leaves. */
  #end({ keyId, epoch, executionId }: OrderOf<"export">, key: HeldKey, then: () => void): void {
    const { keyring, waits, world, signing, runs } = this.#parts;
    const { exported } = activeKey({ keyId, epoch }, keyring);
    if (exported === true) return then();
    const { write, keep } = keyring.exporting(keyId, executionId, world.wallNow());
    waits.write([write], (result) => {
      signing.guarded(executionId, () => {
        if (result !== "ok") throw new Refused("no_space", `nothing can be stored here (${result})`);
        keep();
        runs.forgetPrepared(key);
        world.emit({ type: "key.exported", key: hex(keyId) });
        activeKey({ keyId, epoch }, keyring); // while the disk was asked, it may have got new shares
        then();
      });
    });
  }

  #give({ executionId, encryptionKey }: OrderOf<"export">, key: HeldKey): void {
    const { link, world, backend } = this.#parts;
    const keyGroup = groupOf(key);
    const share = keyGroup.decodeScalar(signingShareOf(key).expose());
    using plaintext = new Secret(encodeExport(keyGroup, { index: key.identifier, share }));
    const random = (length: number) => world.random(length);
    const sealedShare = sealShare(group("secp256k1", backend), encryptionKey, plaintext.expose(), random);
    link.answer({ kind: "exported", executionId, index: key.identifier, sealedShare });
  }
}
