import fc from "fast-check";

/** The part of JSON Schema that the description of the API uses. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** Where `$ref` points into. */
export type Schemas = Readonly<Record<string, JsonSchema>>;

/** Values that are right in type and shape, as far as the schema tells. */
export function fitting(schema: JsonSchema, schemas: Schemas, depth = 0): fc.Arbitrary<unknown> {
  if (depth > 8) return fc.constant(null);
  const inner = (one: JsonSchema) => fitting(one, schemas, depth + 1);
  if (schema.$ref !== undefined) return inner(schemas[schema.$ref.split("/").at(-1)!] ?? {});
  if ("const" in schema) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choice = schema.anyOf ?? schema.oneOf;
  if (choice !== undefined) return fc.oneof(...choice.map(inner));
  if (schema.allOf !== undefined) {
    return fc.tuple(...schema.allOf.map(inner)).map((parts) => Object.assign({}, ...(parts as object[])));
  }
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? []);
  return types.length === 0 ? anyJson() : fc.oneof(...types.map((type) => ofType(type, schema, inner)));
}

function ofType(type: string, schema: JsonSchema, inner: (one: JsonSchema) => fc.Arbitrary<unknown>) {
  const { minimum = -5, maximum = 5000, minLength = 0, maxLength = 300, minItems = 0, maxItems = 4 } = schema;
  if (type === "object") return record(schema, inner);
  if (type === "array") {
    return fc.array(inner(schema.items ?? {}), {
      minLength: minItems,
      maxLength: Math.max(minItems, Math.min(maxItems, 4)),
    });
  }
  if (type === "string") return text(minLength, Math.max(minLength, Math.min(maxLength, 300)));
  if (type === "boolean") return fc.boolean();
  if (type === "null") return fc.constant(null);
  const bounds = { min: Math.max(minimum, -1e9), max: Math.min(maximum, 1e9) };
  return type === "integer" ? fc.integer(bounds) : fc.double({ ...bounds, noNaN: true });
}

function record({ properties = {}, required = [] }: JsonSchema, inner: (one: JsonSchema) => fc.Arbitrary<unknown>) {
  const members = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, inner(one)]));
  return fc.record(members, { requiredKeys: required.filter((name) => Object.hasOwn(members, name)) });
}

/** Texts of the kinds that the API reads, and others. */
function text(minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string({ minLength, maxLength, unit: "grapheme" }),
    fc.string({ minLength, maxLength, unit: "binary" }),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("hex")),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString("base64url")),
    fc.constantFrom(
      "__proto__",
      "constructor",
      "null",
      "../../etc/passwd",
      "%00",
      "-1",
      "1e309",
      "2026-01-01T00:00:00Z",
    ),
  );
}

/** Any JSON at all, deep and wide. */
export function anyJson(): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.jsonValue({ maxDepth: 4 }),
    fc.integer({ min: 1, max: 3000 }).map((depth) => JSON.parse("[".repeat(depth) + "]".repeat(depth))),
    fc.constantFrom(null, true, 0, -0, 1e308, Number.MAX_SAFE_INTEGER, "", [], {}),
  );
}

/** A body that is wrong in one place, or in all: a member of another type, left out, unknown, or something else altogether. */
export function twisted(schema: JsonSchema, schemas: Schemas): fc.Arbitrary<unknown> {
  const base = fitting(schema, schemas);
  const changed = fc.tuple(base, fc.nat(), anyJson()).map(([value, at, other]) => replaced(value, at, other));
  const left = fc.tuple(base, fc.nat()).map(([value, at]) => without(value, at));
  const added = fc
    .tuple(base, fc.string({ maxLength: 20 }), anyJson())
    .map(([value, name, other]) => (isObject(value) ? { ...value, [name]: other } : other));
  return fc.oneof({ weight: 4, arbitrary: changed }, { weight: 2, arbitrary: left }, added, anyJson());
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Replaces one member, at some depth. */
function replaced(value: unknown, at: number, other: unknown): unknown {
  if (typeof value !== "object" || value === null) return other;
  const names = Object.keys(value);
  const name = names[at % Math.max(1, names.length)];
  if (name === undefined) return other;
  const member = Reflect.get(value, name);
  const inside = typeof member === "object" && at % 3 !== 0 ? replaced(member, Math.floor(at / 3), other) : other;
  return Array.isArray(value) ? value.with(Number(name), inside) : { ...value, [name]: inside };
}

function without(value: unknown, at: number): unknown {
  if (!isObject(value)) return undefined;
  const names = Object.keys(value);
  const gone = names[at % Math.max(1, names.length)];
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== gone));
}
