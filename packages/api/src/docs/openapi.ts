import { CALL_SCHEMA, REQUEST_SCHEMAS, ruleFor, TRANSFER_SCHEMAS } from "@quorate/authority";
import { z } from "zod";
import type { Described } from "../access/endpoints.ts";
import { codeLife } from "../identities/credentials.ts";
import { delegatedLogin } from "../identities/logins.ts";
import { delegatedRecovery } from "../identities/recoveries.ts";
import { changedWebhook, newWebhook } from "../webhooks/endpoints.ts";

const signature = z.union(Object.values(REQUEST_SCHEMAS));
const transaction = z.union([
  z.object({ kind: z.literal("Transaction"), transaction: z.union([z.string(), CALL_SCHEMA]) }),
  REQUEST_SCHEMAS.Psbt,
]);

/** Bodies that no rule of the log checks; the others are those that the rules check, to the letter. */
const BODIES: Readonly<Record<string, z.ZodType>> = {
  "POST /keys/:keyId/signatures": signature,
  "POST /wallets/:walletId/signatures": signature,
  "POST /wallets/:walletId/transactions": transaction,
  "POST /wallets/:walletId/transfers": z.union(Object.values(TRANSFER_SCHEMAS)),
  "POST /auth/credentials/code": codeLife,
  "POST /auth/login/delegated": delegatedLogin,
  "POST /auth/recover/user/delegated": delegatedRecovery,
  "POST /webhooks": newWebhook,
  "PUT /webhooks/:webhookId": changedWebhook,
};

const ACCESS = { open: "Anybody calls it.", bearer: "Needs a bearer token.", signed: "The caller signs it." } as const;
const ERROR = {
  type: "object",
  required: ["error", "message"],
  properties: {
    message: { type: "string" },
    error: {
      type: "object",
      properties: {
        id: { type: "string" },
        status: { type: "integer" },
        message: { type: "string" },
        details: { type: "object", properties: { code: { type: "string" }, hint: { type: "string" } } },
      },
    },
  },
};

function rule({ method, path }: Described) {
  return method === "GET" ? undefined : ruleFor(method, path.replaceAll(/:[^/]+/g, "x"))?.rule;
}

function bodyOf(one: Described) {
  const schema = BODIES[`${one.method} ${one.path}`] ?? rule(one)?.body;
  if (schema === undefined) return {};
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", target: "draft-2020-12" });
  const { $schema: _, ...rest } = json;
  return { requestBody: { content: { "application/json": { schema: rest } } } };
}

function operationOf(one: Described) {
  const operation = one.operation ?? rule(one)?.operation ?? null;
  const needs = operation === null ? "" : ` Needs the permission ${operation}.`;
  const logged = one.isLogged ? " It stands in the organisation's log, which the signers check." : "";
  const headers =
    one.access === "signed"
      ? [{ name: "x-dfns-useraction", in: "header", required: true, schema: { type: "string" } }]
      : [];
  const params = [...one.path.matchAll(/:([^/]+)/g)].map(([, name]) => {
    return { name, in: "path", required: true, schema: { type: "string" } };
  });
  const parameters = [...params, ...headers];
  return {
    operationId: `${one.method.toLowerCase()}${one.path.replaceAll(/[^A-Za-z0-9]+(.)?/g, (_, next = "") => next.toUpperCase())}`,
    tags: [one.path.split("/").find((part) => part !== "" && part !== "v2") ?? "api"],
    description: `${ACCESS[one.access]}${needs}${logged}`,
    ...(one.access === "open" ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...bodyOf(one),
    responses: {
      "200": { description: "Done.", content: { "application/json": { schema: { type: "object" } } } },
      default: {
        description: "Refused: what is wrong, in which field, and the way out.",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    },
  };
}

/** The API described in OpenAPI 3.1, from the schemas that check it. */
export function openApi(endpoints: readonly Described[], version: string) {
  const paths: Record<string, Record<string, object>> = {};
  for (const one of endpoints) {
    const path = one.path.replaceAll(/:([^/]+)/g, "{$1}");
    paths[path] = { ...paths[path], [one.method.toLowerCase()]: operationOf(one) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Quorate",
      version,
      description:
        "A threshold-signing network on this machine. A mutation takes three calls: POST /auth/action/init answers a challenge that " +
        "describes the request, POST /auth/action takes the signature over it, and the request itself carries what that answers in the " +
        "header x-dfns-useraction. Amounts are text, in the smallest unit of the chain.",
    },
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
      schemas: { Error: ERROR },
    },
  };
}
