import type { HttpBindings } from "@hono/node-server";
import type { Reply } from "@quorate/coordinator";
import type { Context, Hono } from "hono";
import { HttpError } from "./errors.ts";

/** What a handler finds besides the request: the sockets of Node, absent when the app is called in the same process. */
export interface ApiEnv {
  Bindings: Partial<HttpBindings>;
}

export type App = Hono<ApiEnv>;
export type ApiContext = Context<ApiEnv>;

export type Method = "GET" | "POST" | "PUT" | "DELETE";
export type Handler = (c: ApiContext) => Response | Promise<Response>;

type Handlers = Readonly<Partial<Record<Method, Handler>>>;

/** Serves a path, and says which methods it has to whoever uses another. */
export function route(app: App, path: string, handlers: Handlers): void {
  for (const [method, handler] of Object.entries(handlers)) app.on(method, path, handler);
  const allow = Object.keys(handlers).join(", ");
  app.all(path, (c) => {
    throw new HttpError("method_not_allowed", `${c.req.path} has no ${c.req.method}`, `it has ${allow}`, { allow });
  });
}

/** A segment of the path, by the name that the route gives it. */
export function segment(c: ApiContext, name: string): string {
  return c.req.param(name) ?? "";
}

/** Waits for a command of the coordinator. @throws InputError what the command throws, and what it replies */
export function ask<T>(command: (reply: Reply<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    command((result) => ("ok" in result ? resolve(result.ok) : reject(result.error)));
  });
}
