import { at, type Complaint, lineOf } from "./source.ts";
import type { Tree } from "./tree.ts";

interface Sabotage {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly test: string;
}

/** Sabotages that cannot be tried: what they take out is not there, or not once, or there is no such test. */
export function astray(texts: Tree["texts"]): Complaint[] {
  const byPath = new Map(texts.map(({ path, text }) => [path, text]));
  const lists = texts.filter(({ path }) => /^test\/sabotage\/[^/]+\.json$/.test(path));
  return lists.flatMap(({ path, text }) =>
    (JSON.parse(text) as Sabotage[]).flatMap(({ name, file, find, test }) => {
      const line = lineOf(text, text.indexOf(JSON.stringify(name)));
      const times = (byPath.get(file)?.split(find).length ?? 1) - 1;
      return [
        ...(times === 1
          ? []
          : [at(path, line, `what it takes out is ${times} times in ${file}; say it as it stands there`)]),
        ...(byPath.has(test) ? [] : [at(path, line, `there is no ${test}; name the test that must fail`)]),
      ];
    }),
  );
}
