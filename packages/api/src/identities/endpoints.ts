import type { Endpoints } from "../access/endpoints.ts";
import { beginAction, completeAction } from "../access/user-action.ts";
import { serviceAccountEndpoints } from "./service-accounts.ts";

/** Who exists, how they prove it, and what they may do. */
export function identityEndpoints(endpoints: Endpoints): void {
  const { access } = endpoints;
  endpoints.open("GET", "/.well-known/jwks.json", () => access.tokens.jwks());
  endpoints.bearer("POST", "/auth/action/init", (c, session) => beginAction(access, c, session));
  endpoints.bearer("POST", "/auth/action", (c, session) => completeAction(access, c, session));
  serviceAccountEndpoints(endpoints);
}
