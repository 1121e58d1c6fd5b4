import { readFileSync } from "node:fs";
import { type App, route } from "../routes.ts";

const file = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");

/** Nothing but what this server serves, and only what the page needs. */
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'",
  "x-content-type-options": "nosniff",
};

/** The description of the API and a page to read it on, for whoever asks: they hold no secret. */
export function docsRoutes(app: App, describe: () => object): void {
  const files = [
    ["/_quorate/docs", "page.html", "text/html; charset=utf-8"],
    ["/_quorate/docs.js", "page.js", "text/javascript; charset=utf-8"],
    ["/_quorate/docs.css", "page.css", "text/css; charset=utf-8"],
  ] as const;
  for (const [path, name, type] of files) {
    const text = file(name);
    route(app, path, { GET: (c) => c.body(text, 200, { ...HEADERS, "content-type": type }) });
  }
  route(app, "/_quorate/openapi.json", { GET: (c) => c.json(describe()) });
}
