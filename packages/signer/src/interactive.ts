import type { OrderOf } from "@quorate/orders";
import { type AdmissionParts, admit, frostOnly } from "./admission.ts";
import { type EcdsaRounds, executionsOf } from "./ecdsa-rounds.ts";
import type { Exchange } from "./exchange.ts";
import { checkJoined, type Executions } from "./executions.ts";
import type { Pairs } from "./pairs.ts";
import type { Sessions } from "./sessions.ts";
import type { Signing } from "./signing.ts";
import { checkSigners } from "./signing-set.ts";

/** What the interactive form works with. */
export interface InteractiveParts extends AdmissionParts {
  readonly sessions: Sessions;
  readonly executions: Executions;
  readonly signing: Signing;
  readonly exchange: Exchange;
  readonly ecdsaRounds: EcdsaRounds;
  readonly pairs: Pairs;
}

/** Orders for which the signers first talk among themselves: nothing lies ready, or (ECDSA) nothing that does may be used. */
export class Interactive {
  readonly #parts: InteractiveParts;

  constructor(parts: InteractiveParts) {
    this.#parts = parts;
  }

  start(order: OrderOf<"signInteractive">): void {
    const { signing, sessions, executions, exchange, ecdsaRounds, pairs } = this.#parts;
    const { executionId } = order;
    signing.guarded(executionId, () => {
      const admitted = admit(order, this.#parts);
      const { key } = admitted;
      checkSigners(order.signers, key);
      pairs.checkNotBanned(order.signers.map((one) => key.nodes.get(one)!));
      if (key.kind === "ecdsa") ecdsaRounds.check(order.signers, key);
      sessions.checkRoom();
      const joining = key.kind === "ecdsa" ? executionsOf(order, admitted.items.length) : [executionId];
      signing.bind(order, admitted, () => {
        executions.joinAll(joining, (joined) => {
          signing.guarded(executionId, () => {
            checkJoined(joined);
            sessions.checkRoom();
            pairs.checkNotBanned(order.signers.map((one) => key.nodes.get(one)!)); // while the disk was asked
            if (key.kind === "ecdsa") ecdsaRounds.sign(order, { ...admitted, key });
            else exchange.run(order, frostOnly(admitted));
          });
        });
      });
    });
  }
}
