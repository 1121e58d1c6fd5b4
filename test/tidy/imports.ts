import { builtinModules } from "node:module";
import { posix } from "node:path";
import { DOORS, ROOMS } from "./rooms.ts";
import { at, type Complaint, type Import, type SourceFile } from "./source.ts";
import type { Manifests } from "./tree.ts";

/** The package that a specifier names: `@scope/name/deep` is in `@scope/name`. */
export function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

const isRelative = (specifier: string) => specifier.startsWith(".");
const isNode = (specifier: string) => specifier.startsWith("node:") || builtinModules.includes(packageOf(specifier));
const isWorkspace = (specifier: string) => specifier.startsWith("@quorate/");

/** The arrows between rooms, and the packages that only some may open. */
export function arrows(file: SourceFile): Complaint[] {
  const { path, room: name, role } = file;
  if (name === undefined) return [];
  const room = ROOMS[name];
  if (room === undefined) return [at(path, 1, `room ${name} is not in the table; add it to test/tidy/rooms.ts`)];
  return file.imports.flatMap(({ specifier, line, isTypeOnly }) => {
    const doors = DOORS[specifier] ?? DOORS[packageOf(specifier)];
    if (doors !== undefined && !doors.includes(name) && role === "source") {
      return [
        at(path, line, `imports ${specifier}, which only ${doors.join(" and ")} may; go through @quorate/${doors[0]}`),
      ];
    }
    if (!isWorkspace(specifier)) return [];
    const isTesting = specifier.endsWith("/testing");
    if (isTesting && role === "source") {
      return [
        at(path, line, `imports ${specifier}, which only tests may; move what both need out of the testing entry`),
      ];
    }
    const entry = specifier.replace(/\/testing$/, "");
    if (room.may.includes(entry) || room.may.includes(packageOf(entry)) || entry === `@quorate/${name}`) return [];
    if (room.types?.includes(entry)) {
      return isTypeOnly || role === "support"
        ? []
        : [at(path, line, `imports values of ${entry}, of which ${name} may use only types; write "import type"`)];
    }
    const listed = [...room.may, ...(room.types ?? [])].join(", ") || "no other room";
    return [at(path, line, `${name} must not import ${specifier}; it may import ${listed}`)];
  });
}

function resolvedExport(specifier: string, manifests: Manifests): boolean {
  const target = manifests.rooms[packageOf(specifier).slice("@quorate/".length)];
  const entry = `.${specifier.slice(packageOf(specifier).length)}`;
  return target?.exports !== undefined && entry in target.exports;
}

function relativeProblem(file: SourceFile, { specifier }: Import): string | undefined {
  const target = posix.join(posix.dirname(file.path), specifier);
  if (file.role === "support" && /^test\/vectors\/[^.].*\.json$/.test(target)) return undefined;
  const home = file.room === undefined ? /^[^/]+\//.exec(file.path)?.[0] : `packages/${file.room}/`;
  if (home === undefined || target.startsWith(home)) return undefined;
  return `imports ${specifier}, which leaves ${home}; import a package entry instead`;
}

/** Rooms are entered through their `exports`; a relative import stays inside. */
export function entries(file: SourceFile, manifests: Manifests): Complaint[] {
  return file.imports.flatMap((one) => {
    if (isRelative(one.specifier)) {
      const problem = relativeProblem(file, one);
      return problem === undefined ? [] : [at(file.path, one.line, problem)];
    }
    if (one.specifier.startsWith("/")) return [at(file.path, one.line, "imports an absolute path; import a package")];
    if (!isWorkspace(one.specifier) || resolvedExport(one.specifier, manifests)) return [];
    return [at(file.path, one.line, `imports ${one.specifier}, which is not in the exports of its package.json`)];
  });
}

/** What is imported is declared by the package that imports it. */
export function declared(file: SourceFile, manifests: Manifests): Complaint[] {
  const own = file.room === undefined ? undefined : manifests.rooms[file.room];
  const known = new Set(Object.keys(own?.dependencies ?? {}));
  if (own !== undefined) known.add(own.name);
  const isWhole = file.room === undefined;
  if (isWhole || file.role === "support") {
    for (const name of Object.keys(manifests.root.devDependencies ?? {})) known.add(name);
    for (const { name } of Object.values(manifests.rooms)) known.add(name);
  }
  const where = isWhole ? "package.json (devDependencies)" : `packages/${file.room}/package.json`;
  return file.imports
    .filter(({ specifier }) => !isRelative(specifier) && !isNode(specifier) && !known.has(packageOf(specifier)))
    .map(({ specifier, line }) =>
      at(file.path, line, `imports ${specifier}, which is not declared; add ${packageOf(specifier)} to ${where}`),
    );
}

/** What a room declares, its source imports. */
export function unused(files: readonly SourceFile[], manifests: Manifests): Complaint[] {
  return Object.entries(manifests.rooms).flatMap(([room, { dependencies = {} }]) => {
    const used = new Set(
      files
        .filter((file) => file.room === room && file.role === "source")
        .flatMap((file) => file.imports.map(({ specifier }) => packageOf(specifier))),
    );
    return Object.keys(dependencies)
      .filter((name) => !used.has(name))
      .map((name) =>
        at(`packages/${room}/package.json`, 1, `declares ${name}, which no source of ${room} imports; remove it`),
      );
  });
}

/** No file reaches itself through relative imports. Types are erased before anything loads, and may refer to each other. */
export function cycles(files: readonly SourceFile[]): Complaint[] {
  const edges = new Map(
    files.map(({ path, imports }) => [
      path,
      imports
        .filter(({ specifier, isTypeOnly }) => isRelative(specifier) && !isTypeOnly)
        .map(({ specifier }) => posix.join(posix.dirname(path), specifier)),
    ]),
  );
  const done = new Set<string>();
  const complaints: Complaint[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    if (trail.includes(path)) {
      const loop = [...trail.slice(trail.indexOf(path)), path].map((step) => posix.basename(step)).join(" -> ");
      complaints.push(at(path, 1, `imports itself: ${loop}; move what both need to a file of its own`));
      return;
    }
    if (done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return complaints;
}
