import { createServer, type Server, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { getRequestListener, RequestError } from "@hono/node-server";
import { InputError } from "@quorate/orders";
import { createApp, incident } from "./app.ts";
import { errorResponse } from "./errors.ts";
import type { ApiOptions } from "./options.ts";

/** Connections at once; more are closed at the door. */
const MAX_CONNECTIONS = 4096;
/** How long a client may take to send its request, milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;
/**
 * How long a connection without a request stays open, milliseconds: longer than clients and proxies keep one (a minute, commonly),
 * so that it is they who close it, and none sends a request into a connection that is being closed.
 */
const KEEP_ALIVE_MS = 65_000;

/** The API, listening. */
export interface Api {
  /** Such as `http://127.0.0.1:4100`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Closes all connections. Requests that were accepted go on at the coordinator. */
  close(): Promise<void>;
}

/** Listens. @throws Error when the address cannot be listened on, saying which and what to do */
export async function startApi(options: ApiOptions): Promise<Api> {
  const app = createApp(options);
  const listener = getRequestListener(app.fetch, {
    overrideGlobalObjects: false,
    errorHandler: (error) => (error instanceof RequestError ? notHttp(error) : incident(options, error)),
  });
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS }, listener);
  server.maxConnections = MAX_CONNECTIONS;
  server.on("clientError", (error, socket) => void refuse(error, socket));
  await listen(server, options.host, options.port);
  server.on("error", (error) => void incident(options, error));
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${port}`, port, close: () => close(server) };
}

function notHttp(error: Error): Response {
  const hint = "see RFC 9112, or use an HTTP library";
  return errorResponse(new InputError("invalid_input", `this is not an HTTP request: ${error.message}`, { hint }));
}

/** Answers what never became a request, and hangs up. */
async function refuse(error: Error, socket: Duplex): Promise<void> {
  if (!socket.writable) return void socket.destroy();
  const response = notHttp(error);
  const body = await response.text();
  const head = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status]}`, "content-type: application/json"];
  socket.end([...head, `content-length: ${Buffer.byteLength(body)}`, "connection: close", "", body].join("\r\n"));
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException) => reject(new Error(complaint(cause, host, port), { cause }));
    server.once("error", fail);
    server.listen(port, host, () => {
      server.off("error", fail);
      resolve();
    });
  });
}

function complaint(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case "EADDRINUSE":
      return `port ${port} on ${host} is taken (EADDRINUSE); stop what listens there, or choose another (0: any free)`;
    case "EACCES":
      return `port ${port} on ${host} needs more rights (EACCES); choose one above 1023`;
    default:
      return `cannot listen on ${host}, port ${port}: ${error.message}`;
  }
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
