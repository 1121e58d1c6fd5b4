import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { parseSource, type SourceFile } from "./source.ts";

export interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** All package.json files: of the whole, and by room. */
export interface Manifests {
  readonly root: Manifest;
  readonly rooms: Readonly<Record<string, Manifest>>;
}

export interface Tree {
  readonly files: readonly SourceFile[];
  readonly manifests: Manifests;
  /** Every file that is text, with what it says. */
  readonly texts: readonly { readonly path: string; readonly text: string }[];
}

const HIDDEN_AND_OURS = new Set([".ci", ".github"]);

/** What is installed, generated, or kept by tools and editors. */
function isSkipped(name: string): boolean {
  return name === "node_modules" || (name.startsWith(".") && !HIDDEN_AND_OURS.has(name));
}

function* walk(directory: string): Generator<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory() && !isSkipped(entry.name)) yield* walk(path);
    else if (entry.isFile() && entry.name !== ".git") yield path; // in a second work tree it is a file
  }
}

/** Reads the checkout at `root`. */
export function readTree(root: string): Tree {
  const texts = [...walk(root)]
    .map((path) => ({ path: relative(root, path).split(sep).join("/"), text: readFileSync(path, "utf8") }))
    .filter(({ text }) => !text.includes("\0"));
  const manifest = (path: string) => JSON.parse(texts.find((file) => file.path === path)?.text ?? "{}") as Manifest;
  const rooms = texts
    .map(({ path }) => /^packages\/([^/]+)\/package\.json$/.exec(path)?.[1])
    .filter((name) => name !== undefined);
  return {
    files: texts.filter(({ path }) => /\.(ts|mjs)$/.test(path)).map(({ path, text }) => parseSource(path, text)),
    manifests: {
      root: manifest("package.json"),
      rooms: Object.fromEntries(rooms.map((room) => [room, manifest(`packages/${room}/package.json`)])),
    },
    texts,
  };
}
