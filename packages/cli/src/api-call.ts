import { apiExitCode, CliError, EXIT } from "./exit.ts";

/** How a call is made. */
export interface Manner {
  readonly timeoutMs?: number;
  /** A status that is an answer, not a refusal. */
  readonly alsoGood?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Longer than the network itself takes to give up on a request. */
const TIMEOUT_MS = 60_000;
const START_HINT = "start a network with npm start, or name a running one with QUORATE_URL and QUORATE_TOKEN";

/** One request of the API. */
export interface ApiCall {
  /** Origin. */
  readonly url: string;
  readonly token: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** Calls the API. @throws CliError with the exit code that fits */
export async function callApi<T>(call: ApiCall, manner: Manner = {}): Promise<T> {
  const { status, ok, json } = await ask(call, manner);
  if (json === undefined) {
    throw new CliError(EXIT.unavailable, `${call.url} answers, but is no Quorate network (HTTP ${status})`, START_HINT);
  }
  // The shape is the API's own; whatever depends on its truth (keys, signatures, certificates) is checked where it is used.
  if (ok || status === manner.alsoGood) return json as T;
  throw apiError(status, json);
}

async function ask(
  { url, token, method, path, body }: ApiCall,
  { timeoutMs = TIMEOUT_MS, headers = {} }: Manner,
): Promise<{ status: number; ok: boolean; json?: object }> {
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const { status, ok } = response;
    const json = parsed(await response.text());
    return { status, ok, ...(json === undefined ? {} : { json }) };
  } catch (error) {
    throw noAnswer(url, timeoutMs, error);
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
