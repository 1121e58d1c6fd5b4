import { hex } from "@quorate/orders";
import type { Checker, SigningOrder, Speech } from "./checker.ts";
import type { Scene } from "./scene.ts";
import type { Property } from "./violation.ts";

/**
 * A3. A nonce signs once. A share is a function of nonce, digest, key, path and set: two shares with one nonce and different bytes are
 * two uses of it. For a presignature all honest signers together: they answer one request with it, unless a coordinator asks each of
 * them for something else.
 */
export class OneMessage implements Checker {
  readonly property: Property = "one-message";
  readonly #scene: Scene;
  readonly #answeredBy: (speech: Speech) => SigningOrder | undefined;
  /** By signer and nonce: what was made with it. */
  readonly #shares = new Map<string, string>();
  /** By nonce point of a presignature: what it was used for. */
  readonly #uses = new Map<string, string>();

  /** @param answeredBy which order a speech answers, where there are several */
  constructor(scene: Scene, answeredBy: (speech: Speech) => SigningOrder | undefined) {
    this.#scene = scene;
    this.#answeredBy = answeredBy;
  }

  spoke(speech: Speech): void {
    const { node, outcome, orders } = speech;
    const order = orders.length === 1 ? orders[0] : this.#answeredBy(speech);
    if (outcome.kind === "ecdsaShares") {
      for (const [at, { bigR, u, w }] of outcome.shares.entries()) {
        this.#note(node, hex(bigR), `${hex(u)} ${hex(w)}`);
        if (order !== undefined && this.#scene.isLed) this.#use(node, hex(bigR), useOf(order, at));
      }
      return;
    }
    for (const [at, { identifier, share }] of outcome.shares.entries()) {
      const list = order?.kind === "sign" ? order.commitments[at] : outcome.packages[at]?.commitments;
      const own = list?.find((one) => one.identifier === identifier);
      if (own !== undefined) this.#note(node, hex(own.commitmentId), hex(share));
    }
  }

  #note(node: string, nonce: string, share: string): void {
    const name = `${node} ${nonce}`;
    const earlier = this.#shares.get(name) ?? share;
    this.#shares.set(name, earlier);
    if (earlier !== share) this.#scene.report(this.property, node, `two shares with the nonce ${nonce}`);
  }

  #use(node: string, nonce: string, use: string): void {
    const earlier = this.#uses.get(nonce) ?? use;
    this.#uses.set(nonce, earlier);
    if (earlier !== use)
      this.#scene.report(this.property, node, `the presignature of ${nonce} was used for something else`);
  }
}

function useOf({ keyId, path, request }: SigningOrder, at: number): string {
  return `${hex(keyId)} ${path.join("/")} ${at} ${hex(request)}`;
}
