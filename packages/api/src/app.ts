import { InputError } from "@quorate/orders";
import { Hono } from "hono";
import { bearer } from "./auth.ts";
import { crossOrigin } from "./cross-origin.ts";
import { errorId, errorResponse, HttpError } from "./errors.ts";
import { keyRoutes } from "./keys.ts";
import type { ApiOptions } from "./options.ts";
import { presignatureRoutes } from "./presignatures.ts";
import { healthRoute, quorateKeyRoute, quorateRoutes } from "./quorate.ts";
import type { ApiEnv, App } from "./routes.ts";
import { signatureRoutes } from "./signatures.ts";

/** The API as a function from requests to responses. Everything that goes wrong in it is answered as JSON. */
export function createApp(options: ApiOptions): App {
  const app = new Hono<ApiEnv>();
  app.onError((error) => {
    if (error instanceof InputError || error instanceof HttpError) return errorResponse(error);
    return incident(options, error);
  });
  app.notFound((c) => {
    const hint = "this version has /keys, /signers and /_quorate/{health,network,events,metrics,keys,presignatures}";
    return errorResponse(new HttpError("not_found", `there is nothing at ${c.req.path}`, hint));
  });
  app.use(crossOrigin(options.origins));
  healthRoute(app, options);
  app.use(bearer(options.token));
  quorateRoutes(app, options);
  app.use(async (_, next) => {
    if (!options.coordinator.ready)
      throw new HttpError("starting", "the coordinator is reading its records", "ask again");
    await next();
  });
  quorateKeyRoute(app, options);
  presignatureRoutes(app, options);
  keyRoutes(app, options);
  signatureRoutes(app, options);
  return app;
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
