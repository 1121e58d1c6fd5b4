import { type ApiToken, idOf, type Organisation, type User } from "@quorate/authority";
import { InputError } from "@quorate/orders";
import type { Endpoints } from "../access/endpoints.ts";
import type { Session } from "../access/session.ts";
import { pageOf } from "../paging.ts";
import { segment } from "../routes.ts";
import { announceCode, newCode } from "./codes.ts";
import { bearerOf } from "./service-accounts.ts";
import { tokenShape, userShape } from "./shapes.ts";

const USERS = "/auth/users";
const PATS = "/auth/pats";
const CHANGES = [
  ["PUT", ""],
  ["DELETE", ""],
  ["PUT", "/activate"],
  ["PUT", "/deactivate"],
] as const;

function person({ users }: Organisation, id: string): User {
  const user = users.get(id);
  if (user !== undefined && user.kind !== "ServiceAccount") return user;
  throw new InputError("not_found", `no user ${id.slice(0, 64)}`, { field: "userId" });
}

/** People, as Dfns has them; and `unlock`, which it has not. */
export function userEndpoints(endpoints: Endpoints): void {
  const { access } = endpoints;
  endpoints.read(USERS, "Auth:Users:Read", (c, { organisation }) => {
    const kind = c.req.query("kind");
    const people = [...organisation.users.values()].filter(
      (one) => one.kind !== "ServiceAccount" && !one.isArchived && (kind ?? one.kind) === one.kind,
    );
    return pageOf(c, "users", people, (one) => userShape(organisation, one), ["kind"]);
  });
  endpoints.read(`${USERS}/:userId`, "Auth:Users:Read", (c, { organisation }) => {
    return userShape(organisation, person(organisation, segment(c, "userId")));
  });
  endpoints.logged("POST", USERS, async (_, { session: { organisation }, committed }) => {
    const user = person(organisation, idOf("us", committed.hash));
    announceCode(access, "registration", user, await newCode(access, "registration", organisation, user));
    return userShape(organisation, user);
  });
  for (const [method, rest] of [...CHANGES, ["PUT", "/unlock"] as const]) {
    endpoints.logged(method, `${USERS}/:userId${rest}`, (c, { session: { organisation } }) => {
      return userShape(organisation, person(organisation, segment(c, "userId")));
    });
  }
}

function ownToken({ organisation, user }: Session, id: string): ApiToken {
  const token = organisation.tokens.get(id);
  if (token?.kind === "Pat" && token.user === user.id) return token;
  throw new InputError("not_found", `no personal access token ${id.slice(0, 64)} of yours`, { field: "tokenId" });
}

/** Personal access tokens of whoever calls, as Dfns has them. */
export function tokenEndpoints(endpoints: Endpoints): void {
  const { access } = endpoints;
  endpoints.read(PATS, null, (_, { organisation, user }) => {
    const own = [...organisation.tokens.values()].filter(
      (one) => one.kind === "Pat" && one.user === user.id && !one.isArchived,
    );
    return { items: own.map((one) => tokenShape(organisation, one)) };
  });
  endpoints.read(`${PATS}/:tokenId`, null, (c, session) => {
    return tokenShape(session.organisation, ownToken(session, segment(c, "tokenId")));
  });
  endpoints.logged("POST", PATS, async (_, { session: { organisation }, committed }) => {
    const token = organisation.tokens.get(idOf("to", committed.hash))!;
    return tokenShape(organisation, token, await bearerOf(access, organisation, token));
  });
  for (const [method, rest] of CHANGES) {
    endpoints.logged(method, `${PATS}/:tokenId${rest}`, (c, { session }) => {
      return tokenShape(session.organisation, ownToken(session, segment(c, "tokenId")));
    });
  }
}
