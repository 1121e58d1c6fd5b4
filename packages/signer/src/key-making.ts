import { type KeyShare, keygen } from "@quorate/keygen";
import type { NodeId, OrderOf } from "@quorate/orders";
import type { Protocol } from "@quorate/protocol";
import { checkCreation } from "./authority/creation.ts";
import type { Logs } from "./authority/logs.ts";
import type { KeyRuns, KeyRunsParts } from "./key-runs.ts";
import type { Lives } from "./presence/lives.ts";
import { Refused } from "./refused.ts";
import type { Reports } from "./reports.ts";

/** What key generation works with. */
export interface KeyMakingParts extends KeyRunsParts {
  readonly runs: KeyRuns;
  readonly logs: Logs;
  readonly lives: Lives;
  readonly reports: Pick<Reports, "all">;
}

/** Takes part in making keys. */
export class KeyMaking {
  readonly #parts: KeyMakingParts;

  constructor(parts: KeyMakingParts) {
    this.#parts = parts;
  }

  start(order: OrderOf<"keygen">): void {
    const { signing, keyring, runs, identity, world } = this.#parts;
    signing.guarded(order.executionId, () => {
      const origin = checkCreation(order, this.#parts);
      const config = runs.config(order);
      if (keyring.full) throw new Refused("no_space", "this signer holds as many keys as it can");
      const protocol = (own: number): Protocol<KeyShare> =>
        keygen(config, own, identity, (length) => world.random(length));
      runs.start({ name: "keygen", config, members: order.members, origin, protocol });
    });
  }

  /** A coordinator brings the certificate of a key of which this signer has only staged its share; gets a later one; or has not heard what is held. */
  certify(order: OrderOf<"certify">, from: NodeId): void {
    const { runs, link, world, reports } = this.#parts;
    try {
      const later = runs.activate(order.certificate, (now) => reports.all(now === "active" ? undefined : [from]));
      if (later !== undefined) link.report(from, { kind: "certified", certificate: later });
    } catch (error) {
      const detail = (error as Error).message;
      world.emit({ type: "order.refused", code: "invalid_certificate", detail });
    }
  }
}
