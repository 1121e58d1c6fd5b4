import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { InputError } from "@quorate/orders";
import { asCliError, CliError, EXIT } from "./exit.ts";
import type { UpFile } from "./state.ts";

/** What the supervisor of a running network does for other commands. */
export type ControlHandlers = Readonly<Record<string, (payload: unknown) => unknown>>;

const MAX_BODY_BYTES = 1 << 16;
/** Of a socket, at once. */
const MAX_CONNECTIONS = 16;

/** Listens on loopback for commands that carry the token of the state directory. @returns the server and its port */
export async function serveControl(
  token: string,
  handlers: ControlHandlers,
): Promise<{ server: Server; port: number }> {
  const server = answering(handlers, ({ headers }) => sameToken(headers.authorization ?? "", `Bearer ${token}`));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no control port");
  return { server, port: address.port };
}

/** Listens on a Unix socket, for the user alone as whom this process runs. @throws Error of the system, such as for a path that is too long */
export async function serveSocket(path: string, handlers: ControlHandlers): Promise<Server> {
  const server = answering(handlers, () => true);
  server.maxConnections = MAX_CONNECTIONS;
  // A socket has its mode from when it is there: nobody else could use it even for a moment.
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(path, resolve));
  } finally {
    process.umask(before);
  }
  return server;
}

function answering(handlers: ControlHandlers, isAllowed: (request: IncomingMessage) => boolean): Server {
  return createServer(async (request, response) => {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body ?? null));
    };
    try {
      if (!isAllowed(request)) return answer(401, { message: "wrong token" });
      const handler = handlers[(request.url ?? "/").slice(1)];
      if (handler === undefined) return answer(404, { message: `unknown command ${request.url}` });
      answer(200, await handler(await body(request)));
    } catch (thrown) {
      const error = thrown instanceof InputError ? asCliError(thrown) : thrown;
      const known = error instanceof CliError;
      const { message } = error as Error;
      answer(known ? 400 : 500, {
        message,
        exitCode: known ? error.exitCode : EXIT.environment,
        hint: known ? error.hint : undefined,
      });
    }
  });
}

/** Sends a command to the supervisor of a running network. @throws CliError if none answers, or with its refusal */
export async function control(up: UpFile, command: string, payload: unknown = null): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(`http://127.0.0.1:${up.control.port}/${command}`, {
      method: "POST",
      headers: { authorization: `Bearer ${up.control.token}`, "content-type": "application/json" },
      body: JSON.stringify(payload),
    });
  } catch {
    throw new CliError(EXIT.unavailable, "no network runs here", "npm start starts one");
  }
  const result = await response.json();
  if (response.ok) return result;
  const { message, exitCode, hint } = result as { message: string; exitCode?: number; hint?: string };
  throw new CliError(exitCode ?? EXIT.environment, message, hint);
}

/** Whether the supervisor that wrote `up` still runs. */
export async function isRunning(up: UpFile): Promise<boolean> {
  try {
    await control(up, "ping");
    return true;
  } catch {
    return false;
  }
}

function sameToken(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

async function body(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw new CliError(EXIT.usage, "the command is too long");
    chunks.push(chunk);
  }
  try {
    return length === 0 ? null : JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new CliError(EXIT.usage, "the command is not JSON");
  }
}
