import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Application, startApplication } from "./application.ts";
import { type Action, actionToken, type Caller, makeCallers } from "./fuzz/callers.ts";
import { bodiesOf, type Description, describeApi, type Endpoint, pathsOf, queries } from "./fuzz/endpoints.ts";
import { type Answered, complaint, incidents, snapshot } from "./fuzz/oracle.ts";

const MINUTES = 60_000;
/** How long it goes on unless a number of cases is asked for. */
const TIME_LIMIT_MS = 30_000;
const CASES = Number(process.env.FUZZ_CASES ?? 0);
/** Cases that run side by side, and after which everything is looked at. */
const BATCH = 24;
/** Longer than any deadline of the API. */
const HANG_MS = 60_000;

const ACTIONS: readonly Action[] = [
  "none",
  "nonsense",
  "honest",
  "honest",
  "honest",
  "used",
  "of another path",
  "of another body",
  "of somebody else",
];

interface Case {
  readonly endpoint: Endpoint;
  readonly path: string;
  readonly query: string;
  readonly body: string | undefined;
  readonly caller: number;
  readonly action: Action;
  readonly type: string;
}

let app: Application;
let description: Description;
let callers: readonly Caller[];
let existing: readonly string[];

beforeAll(async () => {
  app = await startApplication();
  description = await describeApi(app);
  callers = await makeCallers(app, 12);
  const { keys, wallets } = app.client(app.admin);
  const key = await keys.createKey({ body: { scheme: "EdDSA", curve: "ed25519" } });
  const wallet = await wallets.createWallet({ body: { network: "EthereumSepolia" } });
  existing = [key.id, wallet.id, wallet.signingKey.id, app.orgId];
}, 3 * MINUTES);
afterAll(async () => app?.[Symbol.asyncDispose](), MINUTES);

function cases(): fc.Arbitrary<Case> {
  return fc.constantFrom(...description.endpoints).chain((endpoint) =>
    fc.record({
      endpoint: fc.constant(endpoint),
      path: pathsOf(endpoint.path, existing),
      query: queries,
      body: bodiesOf(endpoint, description.schemas),
      caller: fc.nat({ max: callers.length - 1 }),
      action: fc.constantFrom(...ACTIONS),
      type: fc.constantFrom("application/json", "application/json", "application/json", "text/plain", ""),
    }),
  );
}

/** Makes the call of a case as it is, without any client that would tidy it up. */
async function make({ endpoint, path, query, body, caller, action, type }: Case): Promise<Answered> {
  const who = callers[caller]!;
  const { method } = endpoint;
  const request = { method, path, body: body === undefined ? undefined : safeJson(body) };
  const token =
    method === "GET" ? undefined : await actionToken(app, action, who, request, callers[(caller + 1) % 12]!);
  const response = await sent(app.baseUrl + path + query, {
    method,
    signal: AbortSignal.timeout(HANG_MS),
    headers: {
      ...(who.token === undefined ? {} : { authorization: `Bearer ${who.token}` }),
      ...(type === "" ? {} : { "content-type": type }),
      ...(token === undefined ? {} : { "x-dfns-useraction": token }),
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = response.body === null ? "" : await response.text();
  return { status: response.status, type: response.headers.get("content-type") ?? "", text };
}

/** As every client does: a server may close an idle connection at any time (RFC 9112, 9.5), also while a request goes into it. */
async function sent(url: string, init: RequestInit): Promise<Response> {
  return fetch(url, init).catch((error: Error) => {
    if ((error.cause as NodeJS.ErrnoException | undefined)?.code !== "ECONNRESET") throw error;
    return fetch(url, init);
  });
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

describe("the API under requests that no client would send", () => {
  it(
    "answers each by the contract: no 5xx, JSON, no trace of our code, and a refused request changes nothing",
    async () => {
      const counts = new Map<number, number>();
      let before = await snapshot(app, app.admin);
      const batches = fc.array(cases(), { minLength: BATCH, maxLength: BATCH });
      const property = fc.asyncProperty(batches, async (batch) => {
        const answers = await Promise.all(batch.map(make));
        for (const [at, answer] of answers.entries()) {
          counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1);
          const wrong = complaint(answer) ?? outsider(batch[at]!, answer);
          expect(wrong, `${JSON.stringify(batch[at])}\n${answer.status} ${answer.text.slice(0, 500)}`).toBeUndefined();
        }
        const after = await snapshot(app, app.admin);
        const isChanged = answers.some((answer, at) => mayChange(batch[at]!, answer));
        if (!isChanged) expect(after, JSON.stringify(batch)).toBe(before);
        before = after;
      });
      const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
      const limit =
        CASES === 0
          ? { interruptAfterTimeLimit: TIME_LIMIT_MS, numRuns: 10_000 }
          : { numRuns: Math.ceil(CASES / BATCH) };
      await fc.assert(property, { ...limit, seed, markInterruptAsFailure: false, endOnFailure: true });
      const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
      console.log(`fuzz: ${total} cases, seed ${seed}, by status:`, Object.fromEntries([...counts].sort()));
      expect(total).toBeGreaterThan(200);
      expect(incidents(app)).toEqual([]);
    },
    Math.max(3 * MINUTES, CASES * 60),
  );
});

/** Whoever is not let in learns nothing but that. */
function outsider({ caller, endpoint }: Case, { status }: Answered): string | undefined {
  if (!callers[caller]!.isOut || endpoint.path.startsWith("/_quorate")) return undefined;
  return status < 300 && endpoint.method !== "GET" && !OPEN.test(endpoint.path)
    ? "serves somebody who is out"
    : undefined;
}

/** Whether what an administrator sees may be another now. */
function mayChange({ endpoint }: Case, { status }: Answered): boolean {
  return endpoint.method !== "GET" && status < 300 && !/^\/auth\/(action|login)|\/signatures$/.test(endpoint.path);
}

const OPEN = /^\/auth\/(login|registration|recover|credentials\/code)|^\/\.well-known/;
