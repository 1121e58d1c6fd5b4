import { readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

function resolved(specifier: string, from: string): string {
  return realpathSync(createRequire(from).resolve(specifier));
}

/** Everything that a file reaches by imports of values: files of ours, and the names of packages. */
function reached(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(file, "utf8");
  for (const [, specifier = ""] of text.matchAll(/^(?:import|export)(?! type)[^;]*?from "([^"]+)"/gms)) {
    const own = specifier.startsWith(".") || specifier.startsWith("@quorate/");
    if (own) reached(resolved(specifier, file), seen);
    else seen.add(specifier);
  }
  return seen;
}

it("what applications import in browsers needs nothing of Node", () => {
  const all = [...reached(fileURLToPath(new URL("index.ts", import.meta.url)))];
  const files = all.filter((one) => one.startsWith("/"));
  expect(all.filter((one) => !one.startsWith("/")).sort()).toEqual([
    "@noble/hashes/sha2.js",
    "@noble/hashes/utils.js",
    "zod",
  ]);
  expect(files.length).toBeGreaterThan(6);
  for (const file of files) expect(readFileSync(file, "utf8"), file).not.toMatch(/\b(Buffer|process)[.(]/);
});
