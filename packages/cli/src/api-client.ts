import type { PresignatureReport } from "@quorate/coordinator";
import { callApi, type Manner } from "./api-call.ts";
import type { Health, Key, KeyDetails, Network, NewKey, Page, RefreshedKey, SignatureRequest } from "./api-shapes.ts";
import { CliError, EXIT, type Facts, refuseArgument } from "./exit.ts";
import { Actor } from "./organisation/actor.ts";
import type { Credential } from "./organisation/credential.ts";

export { apiError } from "./api-call.ts";
export type * from "./api-shapes.ts";

/** A pool is filled one presignature after another, three round trips each: a hundred of them may take minutes. */
const FILL_TIMEOUT_MS = 290_000;
const PAGE_LIMIT = "200";

/** Where a network is, and as whom it is used. */
export interface ApiAccess {
  /** Origin, such as `http://127.0.0.1:4100`. */
  readonly url: string;
  /** The operator's token: for what is of the network and of no user. */
  readonly token: string;
  /** Who acts; without one there is nothing but the operator's token. */
  readonly as?: Credential | undefined;
}

/** The API of a running network, as commands use it. Every failure is a `CliError` with the exit code that fits. */
export class ApiClient {
  readonly url: string;
  readonly #token: string;
  readonly #actor: Actor | undefined;

  constructor({ url, token, as }: ApiAccess) {
    const isHttp = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
    if (!isHttp) refuseArgument("the API address", `${url} is not an http address`, "such as http://127.0.0.1:4100");
    this.url = new URL(url).origin;
    this.#token = token;
    this.#actor =
      as &&
      new Actor(as, (bearer, method, path, body, headers = {}) =>
        callApi({ url: this.url, token: bearer, method, path, body }, { headers }),
      );
  }

  /** Who acts. */
  get credential(): Credential | undefined {
    return this.#actor?.credential;
  }

  /** A call of any endpoint, by whoever acts: changes are signed. */
  call<T>(method: string, path: string, body?: unknown, manner: Manner = {}): Promise<T> {
    return this.#call<T>(method, path, body, manner);
  }

  /** Answers while the network starts as well. */
  health(): Promise<Health> {
    return this.#call("GET", "/_quorate/health", undefined, { alsoGood: 503 });
  }

  network(): Promise<Network> {
    return this.#call("GET", "/_quorate/network");
  }

  /** All keys. */
  keys(): Promise<Key[]> {
    return this.#all("/keys");
  }

  key(id: string): Promise<Key> {
    return this.#call("GET", `/keys/${encodeURIComponent(id)}`);
  }

  keyDetails(id: string): Promise<KeyDetails> {
    return this.#call("GET", `/_quorate/keys/${encodeURIComponent(id)}`);
  }

  /** Returns once all holders have the new key. */
  createKey(key: NewKey): Promise<Key> {
    return this.#call("POST", "/keys", key);
  }

  /** Returns once all holders that can be reached have new shares. */
  refreshKey(id: string): Promise<RefreshedKey> {
    return this.#call("POST", `/keys/${encodeURIComponent(id)}/refresh`);
  }

  /** Returns once signed. @param body as `deriveDigests` of the authority takes it */
  async sign(keyId: string, body: Facts): Promise<SignatureRequest> {
    const path = `/keys/${encodeURIComponent(keyId)}/signatures`;
    const request = await this.#call<SignatureRequest>("POST", path, body);
    if (request.status === "Signed") return request;
    const problem = `request ${request.id} is ${request.status}${request.reason ? `: ${request.reason}` : ""}`;
    const hint = request.externalId === undefined ? "sign again" : "sign again with another --external-id";
    throw new CliError(EXIT.unavailable, problem, hint, { request });
  }

  /** Pools of presignatures, of all keys or of one. @param path of a child of that key */
  presignatures(keyId?: string, path?: string): Promise<PresignatureReport> {
    const query = new URLSearchParams({ ...(keyId && { keyId }), ...(path && { path }) });
    return this.#call("GET", `/_quorate/presignatures?${query}`);
  }

  /** Returns once at least `count` lie ready. @param path of a child of that key */
  fillPresignatures(keyId: string, count: number, path?: string): Promise<PresignatureReport> {
    const body = { keyId, count, ...(path && { path }) };
    return this.#call("POST", "/_quorate/presignatures", body, { timeoutMs: FILL_TIMEOUT_MS });
  }

  /** Erases all of a key. @param path of a child of that key */
  dropPresignatures(keyId: string, path?: string): Promise<PresignatureReport> {
    return this.#call("DELETE", "/_quorate/presignatures", { keyId, ...(path && { path }) });
  }

  /** The requests of a key, newest first. */
  signatures(keyId: string): Promise<SignatureRequest[]> {
    return this.#all(`/keys/${encodeURIComponent(keyId)}/signatures`);
  }

  signature(keyId: string, id: string): Promise<SignatureRequest> {
    return this.#call("GET", `/keys/${encodeURIComponent(keyId)}/signatures/${encodeURIComponent(id)}`);
  }

  async #all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let paginationToken: string | undefined;
    do {
      const query = new URLSearchParams({ limit: PAGE_LIMIT, ...(paginationToken && { paginationToken }) });
      const page: Page<T> = await this.#call("GET", `${path}?${query}`);
      items.push(...page.items);
      paginationToken = page.nextPageToken;
    } while (paginationToken !== undefined);
    return items;
  }

  /** What is of the network goes with the operator's token; the rest is the user's, who signs what changes something. */
  async #call<T>(method: string, path: string, body?: unknown, manner: Manner = {}): Promise<T> {
    const { url } = this;
    const actor = path.startsWith("/_quorate/") ? undefined : this.#actor;
    if (actor === undefined) return callApi({ url, token: this.#token, method, path, body }, manner);
    const headers = method === "GET" ? {} : await actor.sign({ method, path, body });
    return callApi({ url, token: await actor.token(), method, path, body }, { ...manner, headers });
  }
}
