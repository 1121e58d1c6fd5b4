import { createServer, type Server } from "node:http";
import type { Exposition } from "./metrics.ts";

/** Serves `/health` and `/metrics` of a signer, for supervisors that cannot ask it otherwise. Public data only. */
export async function serveHealth(
  host: string,
  port: number,
  ready: () => boolean,
  metrics: () => Promise<Exposition>,
): Promise<Server> {
  const server = createServer(async (request, response) => {
    if (request.url === "/health") {
      const status = ready() ? "ok" : "starting";
      response.writeHead(status === "ok" ? 200 : 503, { "content-type": "application/json" });
      response.end(JSON.stringify({ status }));
    } else if (request.url === "/metrics") {
      const { contentType, body } = await metrics();
      response.writeHead(200, { "content-type": contentType }).end(body);
    } else {
      response.writeHead(404, { "content-type": "application/json" }).end('{"message":"try /health or /metrics"}');
    }
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  return server;
}
