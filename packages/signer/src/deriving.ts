import type { OrderOf } from "@quorate/orders";
import { heldKey } from "./admission.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { Signing } from "./signing.ts";

/** Tells the coordinator the public key of a child: the chain code, which it takes to know it, is the signers' secret. */
export class Deriving {
  readonly #parts: { readonly link: Link; readonly keyring: Keyring; readonly signing: Signing };

  constructor(parts: { readonly link: Link; readonly keyring: Keyring; readonly signing: Signing }) {
    this.#parts = parts;
  }

  derive(order: OrderOf<"derive">): void {
    const { link, keyring, signing } = this.#parts;
    const { executionId } = order;
    signing.guarded(executionId, () => {
      const { encodedPublicKey } = heldKey(order, keyring);
      link.answer({ kind: "derived", executionId, publicKey: encodedPublicKey });
    });
  }
}
