import { encodeSigningRequest } from "@quorate/authority";
import { type KeyRecord, pathOf } from "@quorate/coordinator";
import { hex } from "@quorate/orders";
import type { Client } from "../client.ts";
import type { SigningOrder } from "./checker.ts";
import type { Scene } from "./scene.ts";

/** What a user let a key sign. */
export interface Authorised {
  readonly key: KeyRecord;
  readonly body: Readonly<Record<string, unknown>>;
}

/** All that the clients ever asked for, by what a signer sees of it: key, path and request. */
export class AuthorisedRequests {
  readonly #scene: Scene;
  readonly #known = new Map<string, Authorised>();
  /** How many of each client's askings are in it. */
  readonly #read = new Map<Client, number>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** `undefined` where no user asked for this. */
  find({ keyId, path, request }: Pick<SigningOrder, "keyId" | "path" | "request">): Authorised | undefined {
    this.#catchUp();
    return this.#known.get(nameOf(hex(keyId), path, request));
  }

  #catchUp(): void {
    for (const client of this.#scene.clients) {
      const from = this.#read.get(client) ?? 0;
      if (from === client.asked.length) continue;
      for (const { key, body } of client.asked.slice(from)) {
        const request = encodeSigningRequest("signature", { body, transaction: null });
        this.#known.set(nameOf(key.keyId, pathOf(key), request), { key, body });
      }
      this.#read.set(client, client.asked.length);
    }
  }
}

function nameOf(keyId: string, path: readonly number[], request: Uint8Array): string {
  return `${keyId} ${path.join("/")} ${Buffer.from(request.buffer, request.byteOffset, request.length).toString("latin1")}`;
}
