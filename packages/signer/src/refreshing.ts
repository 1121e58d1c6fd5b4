import { refresh, refreshConfig } from "@quorate/keygen";
import type { OrderOf } from "@quorate/orders";
import { heldKey } from "./admission.ts";
import { checkRefresh } from "./authority/cause.ts";
import type { Logs } from "./authority/logs.ts";
import { groupOf, type HeldKey, signingShareOf } from "./held-key.ts";
import { type KeyRuns, type KeyRunsParts, orRefuse } from "./key-runs.ts";
import type { Lives } from "./presence/lives.ts";

/** What refreshes work with. */
export interface RefreshingParts extends KeyRunsParts {
  readonly runs: KeyRuns;
  readonly logs: Logs;
  readonly lives: Lives;
}

/** Takes part in giving keys new shares: the old one is used, and kept, until all n have signed for the new ones. */
export class Refreshing {
  readonly #parts: RefreshingParts;

  constructor(parts: RefreshingParts) {
    this.#parts = parts;
  }

  start(order: OrderOf<"refresh">): void {
    const { signing, runs, identity, world, keyring } = this.#parts;
    const { executionId, keyId, newEpoch } = order;
    signing.guarded(executionId, () => {
      const key = this.#admit(order);
      const config = orRefuse(() => refreshConfig(key.certificate, groupOf(key), executionId.slice(), newEpoch));
      keyring.claimEpoch(keyId, newEpoch);
      runs.start({
        name: "refresh",
        config,
        members: [...key.nodes].map(([identifier, node]) => ({ identifier, node })),
        origin: null,
        protocol: () => {
          const { identifier, epoch, chainCode } = this.#admit(order); // while the disk was asked, it may have changed
          const held = { keyId: key.keyId, epoch, identifier, signingShare: signingShareOf(key), chainCode };
          return refresh(config, held, identity, (length) => world.random(length));
        },
      });
    });
  }

  /** Whether this signer takes part, and with which key. @throws Refused */
  #admit(order: OrderOf<"refresh">): HeldKey {
    const { keyring } = this.#parts;
    checkRefresh(order, this.#parts);
    return heldKey({ ...order, path: [] }, keyring);
  }
}
