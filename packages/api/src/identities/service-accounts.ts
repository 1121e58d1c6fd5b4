import { type ApiToken, idOf, type Organisation, type User } from "@quorate/authority";
import { InputError } from "@quorate/orders";
import type { Access } from "../access/access.ts";
import type { Endpoints } from "../access/endpoints.ts";
import { segment } from "../routes.ts";
import { serviceAccountShape } from "./shapes.ts";

/** The bearer text of a token that the log has: made once, kept nowhere. */
export function bearerOf({ tokens }: Access, organisation: Organisation, token: ApiToken): Promise<string> {
  const username = organisation.users.get(token.user)?.username ?? "";
  const { id, kind, user, expires } = token;
  return tokens.sign({ organisation: organisation.id, user, username, kind, id, expires });
}

function account({ users }: Organisation, id: string): User {
  const user = users.get(id);
  if (user?.kind === "ServiceAccount") return user;
  throw new InputError("not_found", `no service account ${id.slice(0, 64)}`, { field: "serviceAccountId" });
}

/** Service accounts, as Dfns has them. */
export function serviceAccountEndpoints(endpoints: Endpoints): void {
  const { access } = endpoints;
  const path = "/auth/service-accounts";
  endpoints.read(path, "Auth:ServiceAccounts:Read", (_, { organisation }) => {
    const accounts = [...organisation.users.values()].filter((one) => one.kind === "ServiceAccount" && !one.isArchived);
    return { items: accounts.map((one) => serviceAccountShape(organisation, one)) };
  });
  endpoints.read(`${path}/:id`, "Auth:ServiceAccounts:Read", (c, { organisation }) => {
    return serviceAccountShape(organisation, account(organisation, segment(c, "id")));
  });
  endpoints.logged("POST", path, async (_, { session: { organisation }, committed }) => {
    const token = organisation.tokens.get(idOf("to", committed.hash))!;
    const bearer = await bearerOf(access, organisation, token);
    return serviceAccountShape(organisation, account(organisation, token.user), bearer);
  });
  for (const [method, rest] of [
    ["PUT", ""],
    ["DELETE", ""],
    ["PUT", "/activate"],
    ["PUT", "/deactivate"],
  ] as const) {
    endpoints.logged(method, `${path}/:id${rest}`, (c, { session: { organisation } }) => {
      return serviceAccountShape(organisation, account(organisation, segment(c, "id")));
    });
  }
}
