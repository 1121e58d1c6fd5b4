import { InputError } from "@quorate/orders";
import type { Context } from "hono";
import type { z } from "zod";
import { HttpError } from "./errors.ts";

/** The largest body of a request, bytes. */
export const MAX_BODY_BYTES = 256 * 1024;

/** How deep objects and arrays may lie in one another. */
export const MAX_DEPTH = 64;

/** A JSON object as it was sent. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws HttpError, InputError: no JSON type, too large, not JSON, not an object */
export async function readObject(c: Context): Promise<JsonObject> {
  const type = c.req.header("content-type") ?? "";
  if (!/^application\/json *(;|$)/i.test(type)) {
    const given = type === "" ? "has no content type" : `is ${type.slice(0, 100)}`;
    throw new HttpError("wrong_content_type", `the body ${given}`, "send content-type: application/json");
  }
  return parseObject(await readBytes(c), "body");
}

/** As `readObject`; no body and an empty one are `{}`, as clients mean them. */
export async function readOptionalObject(c: Context): Promise<JsonObject> {
  const bytes = c.req.raw.body === null ? new Uint8Array() : await readBytes(c);
  return bytes.length === 0 ? {} : parseObject(bytes, "body");
}

/** @throws InputError unless the text is one JSON object that is not too deep */
export function parseObject(text: Uint8Array, field: string): JsonObject {
  const value = parseJson(text, field);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new InputError("invalid_input", `the ${field} is not a JSON object`, { field });
}

async function readBytes(c: Context): Promise<Uint8Array> {
  if (Number(c.req.header("content-length")) > MAX_BODY_BYTES) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = c.req.raw.body?.getReader();
  for (;;) {
    const next = await reader?.read().catch(() => undefined);
    if (next === undefined) break;
    if (next.done) return Buffer.concat(chunks);
    size += next.value.length;
    if (size > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(next.value);
  }
  throw new InputError("invalid_input", "the body is missing, or ended early", { field: "body" });
}

function tooLarge(): HttpError {
  return new HttpError("too_large", `the body is larger than ${MAX_BODY_BYTES / 1024} KiB`, "ask for less at once");
}

function parseJson(bytes: Uint8Array, field: string): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (depthOf(text) <= MAX_DEPTH) return JSON.parse(text);
  } catch (error) {
    const where = error instanceof SyntaxError ? error.message : "it is not UTF-8";
    throw new InputError("invalid_input", `the ${field} is not JSON: ${where}`, { field });
  }
  throw new InputError("invalid_input", `the ${field} is nested deeper than ${MAX_DEPTH}`, { field });
}

/** Of JSON; of any other text, some number. One pass: nobody may make it slow. */
function depthOf(text: string): number {
  let [depth, deepest, quoted] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') quoted = !quoted;
    else if (quoted) at += char === "\\" ? 1 : 0;
    else if (char === "[" || char === "{") deepest = Math.max(deepest, ++depth);
    else if (char === "]" || char === "}") depth--;
  }
  return deepest;
}

/** What the schema makes of the value. @throws InputError naming the first wrong field, and those that there are */
export function checked<T extends z.ZodObject>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const hint = `what can be given: ${Object.keys(schema.shape).join(", ")}`;
  if (issue.code !== "unrecognized_keys") {
    const field = issue.path.map(String).join(".");
    throw new InputError("invalid_input", `${field}: ${issue.message}`, { field, hint });
  }
  const field = [...issue.path, issue.keys[0]!.slice(0, 50)].map(String).join(".");
  throw new InputError("invalid_input", `${field}: there is no such field here`, { field, hint });
}
