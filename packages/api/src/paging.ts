import { InputError } from "@quorate/orders";
import type { Context } from "hono";
import { z } from "zod";
import { checked } from "./input.ts";

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

const query = z.strictObject({
  limit: z
    .string()
    .regex(/^[0-9]{1,3}$/, `a whole number between 1 and ${MAX_LIMIT}`)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= MAX_LIMIT, `a whole number between 1 and ${MAX_LIMIT}`)
    .default(DEFAULT_LIMIT),
  paginationToken: z.string().max(200).optional(),
});

const token = z.tuple([z.string(), z.int().min(0)]);

/** Which part of a list is asked for: `limit` items after the cursor. */
export interface PageRequest {
  readonly limit: number;
  readonly after: number | undefined;
}

/** What the query of a paged list asks for; `list` names the list, so that a token of another one is refused. @param filters read elsewhere */
export function readPage(c: Context, list: string, filters: readonly string[] = []): PageRequest {
  const told = Object.entries(c.req.query()).filter(([name]) => !filters.includes(name));
  const { limit, paginationToken } = checked(query, Object.fromEntries(told));
  return { limit, after: paginationToken === undefined ? undefined : cursorIn(paginationToken, list) };
}

/** The token that continues `list` after the cursor. Opaque to clients. */
export function pageToken(list: string, cursor: number): string {
  return Buffer.from(JSON.stringify([list, cursor])).toString("base64url");
}

/** A page of things that are all at hand. */
export function pageOf<T>(
  c: Context,
  list: string,
  all: readonly T[],
  shape: (one: T) => object,
  filters: readonly string[] = [],
): { readonly items: readonly object[]; readonly nextPageToken?: string } {
  const { limit, after = 0 } = readPage(c, list, filters);
  const end = after + limit;
  const items = all.slice(after, end).map(shape);
  return { items, ...(end < all.length ? { nextPageToken: pageToken(list, end) } : {}) };
}

function cursorIn(text: string, list: string): number {
  try {
    const [of, cursor] = token.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
    if (of === list) return cursor;
  } catch {
    // Not one of ours: refused below.
  }
  throw new InputError("invalid_input", "paginationToken: is not a token of this list", {
    field: "paginationToken",
    hint: "pass on nextPageToken of the page before, as it came; leave it out for the first page",
  });
}
