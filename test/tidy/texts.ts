import { at, type Complaint, lineOf } from "./source.ts";
import type { Manifest } from "./tree.ts";

/** Versions are exact, so that a checkout today and one next year run the same code. */
export function pins(path: string, manifest: Manifest): Complaint[] {
  const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
  return Object.entries(all)
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => at(path, 1, `asks for ${name} "${version}"; pin one exact version`));
}

// Written so that this file does not match itself.
const MACHINE: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w.])\/wor[k]\//, "a path of one machine"],
  [/(?<![\w.])\/(?:hom[e]|User[s])\/(?!node\b)\w+/, "a path of one machine"],
  [/(?<![\w.])\/roo[t]\//, "a path of one machine"],
  [/\bregistr[y]\.[a-z][\w-]*\.[a-z]+/, "a package registry"],
  [/"resolve[d]": "https?:/, "a package registry"],
];

/** What the project says holds on every machine. */
export function places(path: string, text: string): Complaint[] {
  return MACHINE.flatMap(([pattern, what]) => {
    const found = pattern.exec(text);
    return found === null
      ? []
      : [
          at(
            path,
            lineOf(text, found.index),
            `names ${what} ("${found[0]}"); say it relative to the checkout, or leave it out`,
          ),
        ];
  });
}
