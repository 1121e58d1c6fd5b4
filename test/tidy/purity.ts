import type { AnyNode } from "acorn";
import { ancestor, simple } from "acorn-walk";
import { ROOMS } from "./rooms.ts";
import { at, type Complaint, lineOf, type SourceFile } from "./source.ts";

const TIMERS = "ask the World: after()";
const BANNED: Readonly<Record<string, string>> = {
  setTimeout: TIMERS,
  setInterval: TIMERS,
  setImmediate: TIMERS,
  queueMicrotask: TIMERS,
  Date: "ask the World: now() or wallNow()",
  performance: "ask the World: now()",
  process: "take what it knows as an argument",
  fetch: "ask the World: send()",
  crypto: "take a Random as an argument",
  globalThis: "name what is needed as an argument",
  console: "ask the World: emit()",
  Promise: "stay synchronous; answers come back through wake()",
};

function isFunction({ type }: AnyNode): boolean {
  return type === "FunctionDeclaration" || type === "FunctionExpression" || type === "ArrowFunctionExpression";
}

/** Names that the file itself declares or imports: they are not the globals. */
function ownNames(file: SourceFile): Set<string> {
  const names = new Set<string>();
  simple(file.tree, {
    Pattern(node) {
      if (node.type === "Identifier") names.add(node.name);
    },
    ImportDeclaration(node) {
      for (const { local } of node.specifiers) names.add(local.name);
    },
  });
  return names;
}

/** A core room is synchronous and asks its `World` for time, chance and IO. */
export function purity(file: SourceFile): Complaint[] {
  const room = file.room === undefined ? undefined : ROOMS[file.room];
  if (room?.core !== true || file.role === "support") return [];
  const complaints: Complaint[] = [];
  const own = ownNames(file);
  const report = (node: { start: number }, problem: string) =>
    complaints.push(
      at(file.path, lineOf(file.text, node.start), `${problem} (core rooms are synchronous and free of IO)`),
    );
  const isTopLevel = (ancestors: readonly AnyNode[]) => !ancestors.some(isFunction);
  ancestor(file.tree, {
    Identifier(node) {
      const wayOut = Object.hasOwn(BANNED, node.name) && !own.has(node.name) ? BANNED[node.name] : undefined;
      if (wayOut !== undefined) report(node, `uses ${node.name}; ${wayOut}`);
    },
    MemberExpression(node) {
      const isMath = node.object.type === "Identifier" && node.object.name === "Math";
      if (isMath && node.property.type === "Identifier" && node.property.name === "random") {
        report(node, "uses Math.random; take a Random as an argument");
      }
    },
    Function(node) {
      if (node.async) report(node, "is async; answer through wake()");
    },
    AwaitExpression(node, _state, ancestors) {
      if (file.room !== "curves" || !isTopLevel(ancestors)) report(node, "awaits; answer through wake()");
    },
    ForOfStatement(node) {
      if (node.await) report(node, "awaits; answer through wake()");
    },
  });
  for (const { specifier, line } of file.imports) {
    if (!specifier.startsWith("node:")) continue;
    const where = room.node?.[specifier];
    if (where === "all" || where?.some((name) => file.path.endsWith(`/src/${name}`))) continue;
    complaints.push(
      at(
        file.path,
        line,
        `imports ${specifier}; ask the World, or take it as an argument (core rooms are synchronous and free of IO)`,
      ),
    );
  }
  return complaints;
}
