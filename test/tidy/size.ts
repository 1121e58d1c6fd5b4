import type { AnyNode, CallExpression } from "acorn";
import { ancestor } from "acorn-walk";
import { at, type Complaint, lineOf, type SourceFile } from "./source.ts";

export const FILE_LINES = 300;
export const TEST_FILE_LINES = 600;
export const FUNCTION_LINES = 60;

/** Data is exempt: files in a folder `data`, named `*.data.ts`, or generated. */
function isData({ path, text }: SourceFile): boolean {
  return /\/data\/|\.data\.ts$/.test(path) || text.startsWith("// Generated");
}

/** `describe`, `it`, `it.each(...)`, `beforeAll`, ...: the name at the root of what is called. */
function calledName(call: CallExpression): string | undefined {
  let callee: AnyNode = call.callee;
  for (;;) {
    if (callee.type === "Identifier") return callee.name;
    if (callee.type === "MemberExpression") callee = callee.object;
    else if (callee.type === "CallExpression") callee = callee.callee;
    else return undefined;
  }
}

/** How long a file and a function may be: one idea each. */
export function size(file: SourceFile): Complaint[] {
  if (isData(file)) return [];
  const complaints: Complaint[] = [];
  const limit = file.role === "support" ? TEST_FILE_LINES : FILE_LINES;
  const lines = file.text.split("\n").length - (file.text.endsWith("\n") ? 1 : 0);
  if (lines > limit) {
    complaints.push(at(file.path, limit + 1, `has ${lines} lines, at most ${limit}; split it where the ideas part`));
  }
  ancestor(file.tree, {
    Function(node, _state, ancestors) {
      const parent = ancestors.at(-2);
      const isTestBody =
        file.role === "support" &&
        parent?.type === "CallExpression" &&
        /^(describe|it|test|before|after|bench)/.test(calledName(parent) ?? "");
      const first = lineOf(file.text, node.start);
      const length = lineOf(file.text, node.end) - first + 1;
      if (isTestBody || length <= FUNCTION_LINES) return;
      complaints.push(
        at(
          file.path,
          first,
          `function of ${length} lines, at most ${FUNCTION_LINES}; give its steps names of their own`,
        ),
      );
    },
  });
  return complaints;
}
