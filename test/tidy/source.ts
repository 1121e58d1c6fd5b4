import { stripTypeScriptTypes } from "node:module";
import { type AnyNode, type Program, parse } from "acorn";
import { simple } from "acorn-walk";

/** One finding: where, what, and the way out. */
export type Complaint = string;

export type Role = "source" | "support";

/** A file of the project, with what the checkers need to know of it. */
export interface SourceFile {
  /** From the root, with `/`. */
  readonly path: string;
  readonly text: string;
  /** The room (`packages/<room>`), or `undefined` for what belongs to the whole: test/, scripts/, the top. */
  readonly room: string | undefined;
  /** `support`: tests, benches and testing entries, which see more than the source does. */
  readonly role: Role;
  readonly tree: Program;
  readonly imports: readonly Import[];
}

export interface Import {
  readonly specifier: string;
  readonly line: number;
  readonly isTypeOnly: boolean;
}

export function at(path: string, line: number, problem: string): Complaint {
  return `${path}:${line} ${problem}`;
}

export function lineOf(text: string, position: number): number {
  let line = 1;
  for (let next = text.indexOf("\n"); next >= 0 && next < position; next = text.indexOf("\n", next + 1)) line++;
  return line;
}

function roleOf(path: string): Role {
  return /\.test\.ts$|^test\/|\/bench\/|\/testing(\/|\.ts$)/.test(path) ? "support" : "source";
}

const TYPE_IMPORT = /^(\s*)(import|export) type(?= ?[{*]| \w+ from)/gm;

/** Where statements of `import type` and `export type ... from` stand: the engine would erase them, the arrows count them. */
function showTypeImports(text: string): { text: string; starts: Set<number> } {
  const starts = new Set<number>();
  const shown = text.replace(TYPE_IMPORT, (_, indent: string, word: string, offset: number) => {
    starts.add(offset + indent.length);
    return `${indent}${word}     `;
  });
  return { text: shown, starts };
}

function specifierOf(node: AnyNode): string | undefined {
  if (!("source" in node) || node.source === null || node.source?.type !== "Literal") return undefined;
  return typeof node.source.value === "string" ? node.source.value : undefined;
}

function parseModule(path: string, text: string): Program {
  try {
    const code = path.endsWith(".ts") ? stripTypeScriptTypes(text) : text;
    return parse(code, { ecmaVersion: "latest", sourceType: "module", allowHashBang: true });
  } catch (cause) {
    throw new Error(`${path} does not parse: ${(cause as Error).message}`, { cause });
  }
}

/** Parses a file; line numbers and positions stay those of the text. */
export function parseSource(path: string, text: string): SourceFile {
  const shown = showTypeImports(text);
  const tree = parseModule(path, shown.text);
  const imports: Import[] = [];
  const see = (node: AnyNode) => {
    const specifier = specifierOf(node);
    if (specifier === undefined) return;
    imports.push({ specifier, line: lineOf(text, node.start), isTypeOnly: shown.starts.has(node.start) });
  };
  simple(tree, {
    ImportDeclaration: see,
    ExportNamedDeclaration: see,
    ExportAllDeclaration: see,
    ImportExpression: see,
  });
  return { path, text, room: /^packages\/([^/]+)\//.exec(path)?.[1], role: roleOf(path), tree, imports };
}
