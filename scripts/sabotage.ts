// Shows that the tests guard what they claim to: applies each removal of test/sabotage/*.json to a copy of the checkout, one
// at a time, and demands that the named test fails. `npm run sabotage -- <word>` runs those whose name has the word.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

/** One check taken out, and the test that must notice. */
interface Sabotage {
  readonly name: string;
  /** The source, from the root. */
  readonly file: string;
  /** Text that occurs in it exactly once. */
  readonly find: string;
  /** What stands there instead; nothing by default. */
  readonly replace?: string;
  /** The test file, from the root. */
  readonly test: string;
  /** Part of the full name of the test that must fail. */
  readonly title: string;
}

type Verdict = "caught" | "SURVIVED" | "does not apply" | "no such test" | "hung";

interface TestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

const root = fileURLToPath(new URL("..", import.meta.url));
const RUN_LIMIT_MS = 180_000;

function readSabotages(word: string): Sabotage[] {
  const directory = join(root, "test", "sabotage");
  return readdirSync(directory)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .flatMap((name) => JSON.parse(readFileSync(join(directory, name), "utf8")) as Sabotage[])
    .filter(({ name }) => name.includes(word));
}

/** The checkout in a directory of its own: installed packages are linked, the rooms are those of the copy. */
function copyCheckout(): string {
  const copy = mkdtempSync(join(tmpdir(), "quorate-sabotage-"));
  const left = new Set(["node_modules", ".git", ".quorate", ".vitest"]);
  cpSync(root, copy, { recursive: true, filter: (path) => !left.has(basename(path)) });
  const modules = join(copy, "node_modules");
  mkdirSync(join(modules, "@quorate"), { recursive: true });
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (name !== "@quorate" && !name.startsWith(".vite"))
      symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
  for (const room of readdirSync(join(copy, "packages"))) {
    symlinkSync(join(copy, "packages", room), join(modules, "@quorate", room));
  }
  return copy;
}

/** Runs the tests whose full name has one of the titles. `undefined` when the run did not end. */
function runTests(copy: string, files: readonly string[], titles: readonly string[]): TestReport | undefined {
  const output = join(copy, "report.json");
  rmSync(output, { force: true });
  const pattern = titles.map((title) => title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const vitest = join(copy, "node_modules", ".bin", "vitest");
  const { error } = spawnSync(
    process.execPath,
    [vitest, "run", ...files, "-t", pattern, "--reporter=json", `--outputFile=${output}`],
    { cwd: copy, stdio: "ignore", timeout: RUN_LIMIT_MS, killSignal: "SIGKILL" },
  );
  return error === undefined ? (JSON.parse(readFileSync(output, "utf8")) as TestReport) : undefined;
}

function statuses(report: TestReport, title: string): string[] {
  return report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ fullName, status }) => fullName.includes(title) && status !== "skipped" && status !== "pending")
    .map(({ status }) => status);
}

function attempt(copy: string, { file, find, replace = "", test, title }: Sabotage): Verdict {
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  if (text.split(find).length !== 2) return "does not apply";
  writeFileSync(
    path,
    text.replace(find, () => replace),
  );
  try {
    const report = runTests(copy, [test], [title]);
    if (report === undefined) return "hung";
    const seen = statuses(report, title);
    if (seen.includes("failed")) return "caught";
    return seen.length === 0 ? "no such test" : "SURVIVED";
  } finally {
    writeFileSync(path, text);
  }
}

/** Without any sabotage every named test passes, or the verdicts would mean nothing. */
function checkBaseline(copy: string, sabotages: readonly Sabotage[]): string[] {
  const files = [...new Set(sabotages.map(({ test }) => test))];
  const report = runTests(copy, files, [...new Set(sabotages.map(({ title }) => title))]);
  if (report === undefined) return ["the tests did not end"];
  return sabotages
    .map(({ test, title }) => ({ test, title, seen: statuses(report, title) }))
    .filter(({ seen }) => seen.length === 0 || seen.some((status) => status !== "passed"))
    .map(({ test, title, seen }) => `${test}: "${title}" ${seen.length === 0 ? "was not found" : "fails by itself"}`);
}

function main(): number {
  const sabotages = readSabotages(process.argv[2] ?? "");
  if (sabotages.length === 0) {
    console.error(`no sabotage has "${process.argv[2]}" in its name`);
    return 2;
  }
  const copy = copyCheckout();
  try {
    console.log(`${sabotages.length} sabotages, in ${copy}`);
    const problems = checkBaseline(copy, sabotages);
    if (problems.length > 0) {
      console.error(`before any sabotage:\n  ${problems.join("\n  ")}`);
      return 1;
    }
    let failures = 0;
    for (const sabotage of sabotages) {
      const verdict = attempt(copy, sabotage);
      if (verdict !== "caught") failures++;
      console.log(`${verdict.padEnd(14)}  ${sabotage.name}  (${sabotage.file})`);
    }
    console.log(`\n${sabotages.length - failures} of ${sabotages.length} caught`);
    return failures === 0 ? 0 : 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

process.exitCode = main();
