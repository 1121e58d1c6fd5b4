import type { z } from "zod";
import { AuthorityError } from "../error.ts";
import { remembered } from "../remembered.ts";
import type { Actor } from "./authorise.ts";
import type { LoggedAction } from "./record.ts";
import type { Organisation } from "./state.ts";

/** What a rule is given of a record: everything that it decides on. */
export interface Judged<Body> {
  readonly organisation: Organisation;
  /** `networkId`. */
  readonly network: string;
  /** Who signed the action; a rule that needs no signature gets none. */
  readonly actor: Actor | null;
  /** Ids in the path, by name. */
  readonly params: Readonly<Record<string, string>>;
  readonly body: Body;
  readonly action: LoggedAction;
  /** Of the record: hex hash, and its time in milliseconds since 1970. Expiry is judged at that time, by everybody and whenever. */
  readonly hash: string;
  readonly time: number;
}

/** Changes the organisation as a record says. Called at most once, and only for the organisation that was judged. */
export type Change = () => void;

/** One kind of action that the log knows. */
export interface Rule<Schema extends z.ZodType = z.ZodType> {
  readonly method: "POST" | "PUT" | "DELETE";
  /** Such as `/auth/users/:userId`. */
  readonly path: string;
  /** What the actor must have been given; `null` where the rule itself decides, or where nobody signs. */
  readonly operation: string | null;
  /** Whether a user's signature authorises it. The others prove themselves in their body. */
  readonly signed: boolean;
  /** Whether it only takes away: such a record binds a signer as soon as it sees it. */
  readonly takesAway?: true;
  /** Whether its records may bring what was filled in for whoever asked. */
  readonly fills?: true;
  readonly body: Schema;
  /** Checks everything; changes nothing. @throws AuthorityError */
  judge(judged: Judged<z.output<Schema>>): Change;
}

/** A rule whose body has the type of its schema. */
export function rule<Schema extends z.ZodType>(definition: Rule<Schema>): Rule {
  return definition as unknown as Rule;
}

/** Patterns are literals of the code. */
const partsOf = remembered((pattern): readonly string[] => pattern.split("/"));

/** The ids in a path that a rule's pattern names; `undefined` when it is another path. */
export function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const wanted = partsOf(pattern);
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const segment = given[at]!;
    if (!part.startsWith(":")) {
      if (part !== segment) return undefined;
    } else if (/^[A-Za-z0-9_.~%-]{1,128}$/.test(segment)) params[part.slice(1)] = segment;
    else return undefined;
  }
  return params;
}

/** What the schema makes of a body. @throws AuthorityError naming the field */
export function checkedBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const unknown = issue.code === "unrecognized_keys" ? [issue.keys[0]?.slice(0, 50) ?? ""] : [];
  const field = [...issue.path, ...unknown].map(String).join(".") || "body";
  const problem = issue.code === "unrecognized_keys" ? "there is no such field here" : issue.message;
  throw new AuthorityError("invalid_input", `${field}: ${problem}`, { field });
}

/** @throws AuthorityError `not_found` */
export function existing<T>(things: ReadonlyMap<string, T>, id: string | undefined, what: string): T {
  const thing = things.get(id ?? "");
  if (thing === undefined)
    throw new AuthorityError("not_found", `no ${what} ${(id ?? "").slice(0, 64)}`, { field: what });
  return thing;
}
