import { AuthorityError } from "@quorate/authority";
import { InputError } from "@quorate/orders";
import { Hono, type MiddlewareHandler } from "hono";
import { newAccess } from "./access/access.ts";
import { Endpoints } from "./access/endpoints.ts";
import { knownHost } from "./access/host.ts";
import { followEndings } from "./assets/endings.ts";
import { assetEndpoints } from "./assets/endpoints.ts";
import { scenarioRoutes } from "./assets/scenarios.ts";
import { bearer } from "./auth.ts";
import { crossOrigin } from "./cross-origin.ts";
import { openApi } from "./docs/openapi.ts";
import { docsRoutes } from "./docs/routes.ts";
import { errorId, errorResponse, HttpError } from "./errors.ts";
import { identityEndpoints } from "./identities/endpoints.ts";
import type { ApiOptions } from "./options.ts";
import { presignatureRoutes } from "./presignatures.ts";
import { healthRoute, quorateKeyRoute, quorateRoutes } from "./quorate.ts";
import type { ApiEnv, App } from "./routes.ts";
import { takeBody } from "./unread-body.ts";
import { webhookEndpoints } from "./webhooks/endpoints.ts";

/**
 * The API as a function from requests to responses: the operator's token is for what lies under `/_quorate`, and everything else is for
 * users. Everything that goes wrong in it is answered as JSON.
 */
export function createApp(options: ApiOptions): App {
  const app = new Hono<ApiEnv>();
  app.onError((error) => {
    const isRefusal = error instanceof InputError || error instanceof HttpError || error instanceof AuthorityError;
    if (isRefusal) return errorResponse(error);
    return incident(options, error);
  });
  app.notFound((c) => {
    const hint = "this version has /keys, /signers and /_quorate/{health,network,events,metrics,keys,presignatures}";
    return errorResponse(new HttpError("not_found", `there is nothing at ${c.req.path}`, hint));
  });
  app.use(takeBody);
  app.use(crossOrigin(options.origins));
  app.use(knownHost([options.network.coordinator.name, options.host, ...(options.hosts ?? [])]));
  healthRoute(app, options);
  const endpoints = new Endpoints(newAccess(options));
  docsRoutes(app, () => openApi(endpoints.described(), options.version));
  app.use("/_quorate/*", bearer(options.token));
  quorateRoutes(app, options);
  app.use(whenReady(options));
  quorateKeyRoute(app, options);
  presignatureRoutes(app, options);
  scenarioRoutes(app, endpoints.access);
  identityEndpoints(endpoints);
  assetEndpoints(endpoints);
  webhookEndpoints(endpoints);
  followEndings(endpoints.access);
  endpoints.mount(app);
  return app;
}

function whenReady({ coordinator }: ApiOptions): MiddlewareHandler {
  return async (_, next) => {
    if (!coordinator.ready) throw new HttpError("starting", "the coordinator is reading its records", "ask again");
    await next();
  };
}

/** Our own mistake: the log gets what happened, the caller an id to find it by. */
export function incident({ events, network, now }: ApiOptions, error: unknown): Response {
  const id = errorId();
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  events.publish({ type: "api.incident", node: network.coordinator.name, at: now(), incident: id, detail });
  const hint = `look for ${id} in the log of ${network.coordinator.name}, and report what stands there`;
  return errorResponse(
    new HttpError("internal", "something went wrong here; nothing is wrong with the request", hint),
    id,
  );
}
