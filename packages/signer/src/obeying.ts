import type { NodeId, Order } from "@quorate/orders";
import type { Authority } from "./authority/authority.ts";
import { Deriving } from "./deriving.ts";
import { Exporting, type ExportingParts } from "./exporting.ts";
import { Importing, type ImportingParts } from "./importing.ts";
import { Interactive, type InteractiveParts } from "./interactive.ts";
import { KeyMaking, type KeyMakingParts } from "./key-making.ts";
import type { Keyring } from "./keyring.ts";
import type { Presigning } from "./presigning.ts";
import type { Publishing } from "./publishing.ts";
import { Refreshing, type RefreshingParts } from "./refreshing.ts";
import type { Signing } from "./signing.ts";
import { Verdicts } from "./verdicts.ts";

/** What those work with that do what is ordered. */
export type ObeyingParts = InteractiveParts &
  KeyMakingParts &
  RefreshingParts &
  ImportingParts &
  ExportingParts &
  ConstructorParameters<typeof Verdicts>[0] & {
    readonly keyring: Keyring;
    readonly publishing: Publishing;
    readonly signing: Signing;
    readonly presigning: Presigning;
    readonly authority: Authority;
  };

/** Hands each order to the part of the signer that it is for. */
export class Obeying {
  readonly #parts: ObeyingParts;
  readonly #keyMaking: KeyMaking;
  readonly #refreshing: Refreshing;
  readonly #importing: Importing;
  readonly #exporting: Exporting;
  readonly #interactive: Interactive;
  readonly #verdicts: Verdicts;
  readonly #deriving: Deriving;

  constructor(parts: ObeyingParts) {
    this.#parts = parts;
    this.#keyMaking = new KeyMaking(parts);
    this.#refreshing = new Refreshing(parts);
    this.#importing = new Importing(parts);
    this.#exporting = new Exporting(parts);
    this.#interactive = new Interactive(parts);
    this.#verdicts = new Verdicts(parts);
    this.#deriving = new Deriving(parts);
  }

  obey(order: Order, from: NodeId): void {
    switch (order.kind) {
      case "keygen":
        return this.#keyMaking.start(order);
      case "certify":
        return this.#keyMaking.certify(order, from);
      case "sign":
        return this.#parts.signing.sign(order);
      case "signInteractive":
        return this.#interactive.start(order);
      case "replenish":
        return this.#parts.publishing.replenish(order, from);
      case "evidence":
        return this.#verdicts.judge(order);
      case "signPresigned":
        return this.#parts.presigning.sign(order);
      case "presign":
        return this.#parts.presigning.make(order);
      case "discard":
        return this.#parts.presigning.discard(order, from);
      case "derive":
        return this.#deriving.derive(order);
      case "refresh":
        return this.#refreshing.start(order);
      case "import":
        return this.#importing.start(order);
      case "export":
        return this.#exporting.start(order);
      case "propose":
        return this.#parts.authority.propose(order, from);
      case "commit":
        return this.#parts.authority.commit(order);
    }
  }
}
