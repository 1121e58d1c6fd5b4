import { hex } from "@quorate/orders";
import type { Answer, Checker } from "./checker.ts";
import { signaturesOf } from "./no-forgery.ts";
import type { Scene } from "./scene.ts";
import type { Property } from "./violation.ts";

/** A9. One external id of a key is one request; one request has one signature, and once it is signed it stays so. */
export class Idempotent implements Checker {
  readonly property: Property = "idempotent";
  readonly #scene: Scene;
  /** Request ids by key and external id. */
  readonly #ids = new Map<string, string>();
  /** Signatures by request id. */
  readonly #signatures = new Map<string, string>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  answered({ asking, result }: Answer): void {
    if (!("ok" in result)) return;
    const { id, status } = result.ok;
    const { externalId } = asking.body;
    if (typeof externalId === "string") {
      const name = `${asking.key.id} ${externalId}`;
      const first = this.#ids.get(name) ?? id;
      this.#ids.set(name, first);
      if (first !== id) this.#report(`${externalId} of ${asking.key.id} is ${id}, and was ${first}`);
    }
    const known = this.#signatures.get(id);
    if (status !== "Signed") {
      if (known !== undefined) this.#report(`${id} is ${status}, and was signed`);
      return;
    }
    const signature = signaturesOf(result.ok).map(hex).join();
    this.#signatures.set(id, known ?? signature);
    if (known !== undefined && known !== signature) this.#report(`${id} has another signature than before`);
  }

  #report(text: string): void {
    this.#scene.report(this.property, "client", text);
  }
}
