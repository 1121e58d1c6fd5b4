import fc from "fast-check";
import type { Application } from "../application.ts";
import { fitting, type JsonSchema, type Schemas, twisted } from "./json-schema.ts";

/** An endpoint as the API describes it. */
export interface Endpoint {
  readonly method: string;
  /** As `/keys/{keyId}`. */
  readonly path: string;
  /** Of its body; absent where there is none. */
  readonly body: JsonSchema | undefined;
}

/** The API's own description of itself. */
export interface Description {
  readonly endpoints: readonly Endpoint[];
  readonly schemas: Schemas;
}

interface OpenApi {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { requestBody?: { content: Record<string, { schema: JsonSchema }> } }>>>
  >;
  readonly components?: { readonly schemas?: Schemas };
}

const METHODS = ["get", "post", "put", "delete"];

/** Reads `/_quorate/openapi.json`. */
export async function describeApi(app: Application): Promise<Description> {
  const { token } = app.cluster.api;
  const { status, body } = await app.call("GET", "/_quorate/openapi.json", { token });
  if (status !== 200) throw new Error(`no description of the API: ${JSON.stringify(body)}`);
  const document = body as OpenApi;
  const endpoints = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, { requestBody }]) => ({
        method: method.toUpperCase(),
        path,
        body: requestBody?.content["application/json"]?.schema,
      })),
  );
  return { endpoints, schemas: document.components?.schemas ?? {} };
}

/** Ids in paths: those of things that exist, of other kinds, of nobody's, and what no id looks like. */
export function pathsOf(path: string, existing: readonly string[]): fc.Arbitrary<string> {
  const names = path.match(/\{[^}]+\}|:[A-Za-z]+/g) ?? [];
  const id = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...existing) },
    fc.constantFrom("key", "wa", "us", "sig", "or").map((prefix) => `${prefix}-aaaaa-bbbbb-cccccccccccccccc`),
    fc.constantFrom(
      "..",
      ".",
      "%2e%2e%2f",
      "%00",
      "%ff",
      "%",
      "a".repeat(3000),
      "__proto__",
      "constructor",
      "*",
      "null",
    ),
    fc.string({ maxLength: 40, unit: "binary" }).map((text) => encodeURIComponent(text.toWellFormed())),
  );
  return fc
    .array(id, { minLength: names.length, maxLength: names.length })
    .map((ids) => names.reduce((made, name, at) => made.replace(name, () => ids[at]!), path));
}

/** What goes into the query. */
export const queries: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constant("") },
  fc.constantFrom(
    "?limit=0",
    "?limit=-1",
    "?limit=1e9",
    "?limit=2&limit=3",
    "?paginationToken=W10",
    "?force=maybe",
    "?__proto__[x]=1",
  ),
  fc.webQueryParameters().map((query) => `?${query}`),
);

/** Bodies as text: fitting, twisted, and no JSON at all. */
export function bodiesOf({ body, method }: Endpoint, schemas: Schemas): fc.Arbitrary<string | undefined> {
  if (method === "GET") return fc.constant(undefined);
  const schema = body ?? { type: "object" };
  const text = (value: unknown) => JSON.stringify(value) ?? "";
  return fc.oneof(
    { weight: 3, arbitrary: fitting(schema, schemas).map(text) },
    { weight: 8, arbitrary: twisted(schema, schemas).map(text) },
    fc.constantFrom("", "{", "[", "nul", "\u0000", '{"a":1,"a":2}', '{"__proto__":{"x":1}}', "\ufeff{}", '"\\ud800"'),
    fc.constant(undefined),
    fc.integer({ min: 1, max: 4 }).map((times) => `{"name":"${"x".repeat(times * 100_000)}"}`),
    fc.integer({ min: 1000, max: 60_000 }).map((depth) => ['{"a":'.repeat(depth), "1", "}".repeat(depth)].join("")),
  );
}
