import { InputError } from "@quorate/orders/errors";

/** The deepest nesting that is accepted: requests are flat, typed data a few levels deep. */
export const MAX_DEPTH = 64;

function refuse(path: string, problem: string): never {
  throw new InputError("invalid_input", `${path || "the body"}: ${problem}`, {
    field: path || "body",
    hint: "send JSON: objects, arrays, text, finite numbers, true, false and null",
  });
}

function text(value: string, path: string): string {
  return value.isWellFormed() ? JSON.stringify(value) : refuse(path, "text with half a surrogate pair");
}

function member(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function write(value: unknown, path: string, depth: number): string {
  if (depth > MAX_DEPTH) return refuse(path, `nested deeper than ${MAX_DEPTH}`);
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return text(value, path);
  if (typeof value === "number") {
    return Number.isFinite(value) ? JSON.stringify(value) : refuse(path, `${value} is not a JSON number`);
  }
  if (Array.isArray(value)) {
    return `[${Array.from(value, (item: unknown, at) => write(item, `${path}[${at}]`, depth + 1)).join(",")}]`;
  }
  if (typeof value === "object" && isPlain(value)) {
    const members = Object.keys(value)
      .sort()
      .map((name) => `${text(name, path)}:${write(value[name], member(path, name), depth + 1)}`);
    return `{${members.join(",")}}`;
  }
  return refuse(path, `${typeof value} is not JSON`);
}

/**
 * The one JSON text of a value (RFC 8785): members sorted by UTF-16 code units, no white space, numbers and text as
 * ECMAScript writes them.
 *
 * @throws InputError for what is not JSON, for half surrogate pairs, and for nesting deeper than 64
 */
export function canonicalJson(value: unknown): string {
  return (typeof value === "object" && value !== null && texts.get(value)) || write(value, "", 0);
}

/** The texts of what `settled` made. */
const texts = new WeakMap<object, string>();

/**
 * A copy of a JSON value that nobody can change: its one text, which signers and coordinators need several times of one request, is
 * worked out once.
 *
 * @throws InputError like `canonicalJson`
 */
export function settled<T>(value: T): T {
  if (typeof value !== "object" || value === null || texts.has(value)) return value;
  const text = canonicalJson(value);
  const copy = frozen(value) as T & object;
  texts.set(copy, text);
  return copy;
}

function frozen(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(frozen));
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([name, one]) => [name, frozen(one)])));
}
