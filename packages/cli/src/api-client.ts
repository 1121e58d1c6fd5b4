import type { Addresses, Assembled } from "@quorate/authority";
import type {
  AttemptReport,
  Curve,
  DerivedFrom,
  PairReport,
  PoolReport,
  PresignatureReport,
  RequestStatus,
  Scheme,
  Timing,
} from "@quorate/coordinator";
import type { Member, SuiteName } from "@quorate/orders";
import { apiExitCode, CliError, EXIT, type Facts, refuseArgument } from "./exit.ts";

/** A key as the API shows it. `publicKey` is hex: 32 bytes on ed25519, 33 on the other curves. */
export interface Key {
  readonly id: string;
  readonly scheme: Scheme;
  readonly curve: Curve;
  readonly publicKey: string;
  /** Of a child: the key that was made, and where below it this one lies. */
  readonly derivedFrom?: DerivedFrom;
  readonly name?: string;
  readonly status: string;
  readonly dateCreated: string;
}

/** What Quorate adds to a key. `keyId` and `certificate` are hex. */
export interface KeyDetails {
  readonly id: string;
  readonly keyId: string;
  readonly epoch: number;
  readonly suite: SuiteName;
  readonly minSigners: number;
  readonly members: readonly Member[];
  readonly certificate: string;
  /** Commitments that lie ready, by node. */
  readonly commitmentLevels: Readonly<Record<string, number>>;
  /** Of ECDSA keys. */
  readonly presignatureLevels: readonly PoolReport[];
  readonly addresses: Addresses;
}

/** What to make; without `minSigners` the network's default. */
export interface NewKey {
  readonly scheme: Scheme;
  readonly curve: Curve;
  readonly name?: string;
  readonly minSigners?: number;
  /** A child of a key; without `path` at the next free index below it. */
  readonly deriveFrom?: { readonly keyId: string; readonly path?: string };
  /** So many presignatures are to lie ready, made in the background. */
  readonly presign?: number;
}

/** A signature request as the API shows it. */
export interface SignatureRequest extends Assembled {
  readonly id: string;
  readonly keyId: string;
  readonly status: RequestStatus;
  readonly reason?: string;
  readonly externalId?: string;
  readonly dateRequested: string;
  readonly dateSigned?: string;
  readonly _quorate: { readonly attempts: readonly AttemptReport[]; readonly timing: Timing | null };
}

/** A process of the network, as the API shows it. `publicKey` is the hex of its Ed25519 identity. */
export interface NetworkProcess {
  readonly name: string;
  readonly region: string;
  readonly operator: string;
  readonly publicKey: string;
}

export interface NetworkSigner extends NetworkProcess {
  readonly connected: boolean;
  readonly suspect: boolean;
  readonly guilty: boolean;
  /** Measured from the coordinator. */
  readonly rttMs: number | null;
  readonly brokenKeys: readonly { readonly id: string | null; readonly keyId: string; readonly fault: string }[];
}

export interface Network {
  readonly networkId: string;
  readonly hash: string;
  readonly coordinator: NetworkProcess;
  readonly nodes: readonly NetworkSigner[];
  /** How each two signers stand for threshold ECDSA. */
  readonly pairs: readonly PairReport[];
  readonly defaults: { readonly minSigners: number; readonly maxSigners: number };
  readonly versions: { readonly quorate: string; readonly networkFile: number };
}

export interface Health {
  readonly status: "ok" | "starting";
  readonly signers: { readonly connected: number; readonly total: number };
  readonly pairs: { readonly ready: number; readonly total: number };
}

interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken?: string;
}

type Method = "GET" | "POST" | "DELETE";

interface Manner {
  readonly timeoutMs?: number;
  /** A status that is an answer, not a refusal. */
  readonly alsoGood?: number;
}

/** Longer than the network itself takes to give up on a request. */
const TIMEOUT_MS = 60_000;
/** A pool is filled one presignature after another, three round trips each: a hundred of them may take minutes. */
const FILL_TIMEOUT_MS = 290_000;
const PAGE_LIMIT = "200";
const START_HINT = "start a network with npm start, or name a running one with QUORATE_URL and QUORATE_TOKEN";

/** The API of a running network, as commands use it. Every failure is a `CliError` with the exit code that fits. */
export class ApiClient {
  readonly url: string;
  readonly #token: string;

  /** @param options.url origin, such as `http://127.0.0.1:4100` */
  constructor({ url, token }: { readonly url: string; readonly token: string }) {
    const isHttp = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
    if (!isHttp) refuseArgument("the API address", `${url} is not an http address`, "such as http://127.0.0.1:4100");
    this.url = new URL(url).origin;
    this.#token = token;
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

  async #call<T>(method: Method, path: string, body?: unknown, manner: Manner = {}): Promise<T> {
    const { status, ok, json } = await this.#ask(method, path, body, manner.timeoutMs ?? TIMEOUT_MS);
    if (json === undefined) {
      throw new CliError(
        EXIT.unavailable,
        `${this.url} answers, but is no Quorate network (HTTP ${status})`,
        START_HINT,
      );
    }
    // The shape is the API's own; whatever depends on its truth (keys, signatures, certificates) is checked where it is used.
    if (ok || status === manner.alsoGood) return json as T;
    throw apiError(status, json);
  }

  async #ask(
    method: Method,
    path: string,
    body: unknown,
    timeoutMs: number,
  ): Promise<{ status: number; ok: boolean; json?: object }> {
    try {
      const response = await fetch(`${this.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
      });
      const { status, ok } = response;
      const json = parsed(await response.text());
      return { status, ok, ...(json === undefined ? {} : { json }) };
    } catch (error) {
      throw noAnswer(this.url, timeoutMs, error);
    }
  }
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function noAnswer(url: string, timeoutMs: number, error: unknown): CliError {
  if (error instanceof DOMException && error.name === "TimeoutError") {
    const hint = "quorate status shows what the network is doing";
    return new CliError(EXIT.unavailable, `no answer from ${url} within ${timeoutMs / 1000} s`, hint);
  }
  const { cause } = error as Error;
  const detail = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  return new CliError(EXIT.unavailable, `no network answers at ${url}${detail}`, START_HINT);
}

/** The arguments that fields of the API come from. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  keyId: "<key>",
  "deriveFrom.keyId": "<key>",
  "deriveFrom.path": "--path",
  path: "--path",
  count: "--count",
  presign: "--presign",
  minSigners: "--min-signers",
  name: "--name",
  externalId: "--external-id",
};

/** Turns `{ error: { message, details: { code, field, hint } }, message }` into what a command ends with. */
export function apiError(status: number, body: object): CliError {
  const text = (from: unknown, name: string) => {
    const value: unknown = typeof from === "object" && from !== null ? Reflect.get(from, name) : undefined;
    return typeof value === "string" ? value : undefined;
  };
  const error: unknown = Reflect.get(body, "error");
  const details: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "details") : undefined;
  const message = text(error, "message") ?? text(body, "message") ?? `the network answers with HTTP ${status}`;
  const argument = ARGUMENTS[text(details, "field") ?? ""];
  const hint = text(details, "hint") ?? (status === 404 ? "quorate keys ls shows what there is" : undefined);
  const facts = { status, id: text(error, "id"), ...(typeof details === "object" ? details : {}) };
  const told = argument === undefined ? message : `${argument}: ${message}`;
  return new CliError(apiExitCode(status, text(details, "code")), told, hint, facts);
}
