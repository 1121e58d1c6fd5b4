import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Answer, Application, Identity } from "../application.ts";

/** An answer as text. */
export interface Answered {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Text that no answer may have in it: where our code is, how it failed, what is secret. */
const LEAKS = [
  /\n\s+at .+:\d+/,
  /\/packages\/\w+\/src\//,
  /node:internal/,
  /\/node_modules\//,
  /PRIVATE KEY/,
  /\bTypeError\b/,
];

/** Statuses that the contract knows. */
const STATUSES = new Set([200, 202, 204, 400, 401, 403, 404, 405, 409, 413, 414, 415, 422, 429, 431, 503]);

/** Why an answer is none that the contract allows; `undefined` when it is. */
export function complaint({ status, type, text }: Answered): string | undefined {
  if (!STATUSES.has(status)) return `status ${status}`;
  const leak = LEAKS.find((pattern) => pattern.test(text));
  if (leak !== undefined) return `says ${leak}`;
  if (status === 204) return undefined;
  if (status < 300 && !type.startsWith("application/json")) return undefined;
  if (!type.startsWith("application/json")) return `is ${type}`;
  const body = parsed(text);
  if (body === undefined) return "is not JSON";
  return status < 300 ? undefined : refusalComplaint(status, body);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusalComplaint(status: number, body: unknown): string | undefined {
  const { error, message } = body as { error?: Record<string, unknown>; message?: unknown };
  if (typeof error !== "object" || typeof message !== "string" || message === "")
    return "is not a refusal of the contract";
  if (error.status !== status || error.message !== message) return "contradicts itself";
  if (typeof error.id !== "string" || typeof error.details !== "object") return "has no id or no details";
  return message.length > 2000 ? "goes on and on" : undefined;
}

const LISTS = [
  "/auth/users?limit=200",
  "/auth/service-accounts",
  "/auth/credentials",
  "/auth/pats",
  "/permissions?limit=100",
  "/keys?limit=100",
  "/wallets?limit=100",
  "/v2/policies?limit=100",
  "/webhooks?limit=100",
];

/** All that an administrator sees, as one text. */
export async function snapshot(app: Application, { token }: Pick<Identity, "token">): Promise<string> {
  const seen = await Promise.all(LISTS.map((path) => patient(app, path, token)));
  const bad = seen.findIndex(({ status }) => status !== 200);
  if (bad >= 0) throw new Error(`${LISTS[bad]}: ${JSON.stringify(seen[bad]!.body)}`);
  return JSON.stringify(seen.map(({ body }) => body));
}

/** Whoever asks too much in a minute is told to wait. */
async function patient(app: Application, path: string, token: string): Promise<Answer> {
  for (;;) {
    const answer = await app.call("GET", path, { token });
    if (answer.status !== 429) return answer;
    const waitMs = 1000 * Number(answer.headers.get("retry-after"));
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/** What went wrong inside, as the coordinator logged it. */
export function incidents(app: Application): readonly string[] {
  const log = readFileSync(join(app.cluster.dir, "nodes", "coordinator", "log.jsonl"), "utf8");
  return log.split("\n").filter((line) => line.includes("api.incident"));
}
