import { sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What a call of the API answered. */
export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** A caller of the API of a network in a directory: the operator, and the service account that the network was given at its first start. */
export class Caller {
  /** Of the last call: from the request to the end of the answer, without the two calls before by which a user signs. Milliseconds. */
  tookMs = 0;
  readonly #dir: string;
  readonly #api: () => { readonly url: string; readonly token: string };

  /** @param api address, and the operator's token */
  constructor(dir: string, api: () => { readonly url: string; readonly token: string }) {
    this.#dir = dir;
    this.#api = api;
  }

  /** Calls: what is the network's as the operator, the rest as the service account, which signs what changes something. */
  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    if (path.startsWith("/_quorate/")) return this.#send(this.#api().token, method, path, body);
    const { token, credentialId } = this.#file<{ token: string; credentialId: string }>("service-account.json");
    if (method === "GET") return this.#send(token, method, path, body);
    const asked = {
      userActionPayload: JSON.stringify(body ?? {}),
      userActionHttpMethod: method,
      userActionHttpPath: path,
    };
    const begun = await this.#send(token, "POST", "/auth/action/init", asked);
    if (begun.status !== 200) return begun;
    const { challenge, challengeIdentifier } = begun.body;
    const data = Buffer.from(JSON.stringify({ type: "key.get", challenge }));
    const signature = sign(null, data, this.#text("service-account.pem")).toString("base64url");
    const credentialAssertion = { credId: credentialId, clientData: data.toString("base64url"), signature };
    const firstFactor = { kind: "Key", credentialAssertion };
    const signed = await this.#send(token, "POST", "/auth/action", { challengeIdentifier, firstFactor });
    if (signed.status !== 200) return signed;
    return this.#send(token, method, path, body ?? {}, { "x-dfns-useraction": String(signed.body.userAction) });
  }

  async #send(token: string, method: string, path: string, body?: unknown, more: object = {}): Promise<Answer> {
    const startedMs = performance.now();
    const response = await fetch(this.#api().url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...more },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answered = (await response.json()) as Record<string, unknown>;
    this.tookMs = performance.now() - startedMs;
    return { status: response.status, body: answered };
  }

  #text(name: string): string {
    return readFileSync(join(this.#dir, "organisation", name), "utf8");
  }

  #file<T>(name: string): T {
    return JSON.parse(this.#text(name)) as T;
  }
}
