import type { Endpoints } from "../access/endpoints.ts";
import { beginAction, completeAction } from "../access/user-action.ts";
import { HttpError } from "../errors.ts";
import { segment } from "../routes.ts";
import { actionLogEndpoints } from "./action-logs.ts";
import { credentialEndpoints } from "./credentials.ts";
import { loginEndpoints } from "./logins.ts";
import { permissionEndpoints } from "./permissions.ts";
import { recoveryEndpoints } from "./recoveries.ts";
import { registrationEndpoints } from "./registrations.ts";
import { serviceAccountEndpoints } from "./service-accounts.ts";
import { tokenEndpoints, userEndpoints } from "./users.ts";

/** Who exists, how they prove it, and what they may do. */
export function identityEndpoints(endpoints: Endpoints): void {
  const { access } = endpoints;
  endpoints.open("GET", "/.well-known/jwks.json", () => access.tokens.jwks());
  endpoints.bearer("POST", "/auth/action/init", (c, session) => beginAction(access, c, session));
  endpoints.bearer("POST", "/auth/action", (c, session) => completeAction(access, c, session));
  loginEndpoints(endpoints);
  registrationEndpoints(endpoints);
  recoveryEndpoints(endpoints);
  credentialEndpoints(endpoints);
  userEndpoints(endpoints);
  tokenEndpoints(endpoints);
  serviceAccountEndpoints(endpoints);
  permissionEndpoints(endpoints);
  actionLogEndpoints(endpoints);
  applications(endpoints);
}

/** Dfns gave applications up; clients may still ask for them. */
function applications(endpoints: Endpoints): void {
  endpoints.read("/auth/apps", null, () => ({ items: [] }));
  endpoints.read("/auth/apps/:id", null, (c) => {
    throw new HttpError(
      "not_found",
      `no application ${segment(c, "id").slice(0, 64)}`,
      "there are none: use a service account",
    );
  });
}
