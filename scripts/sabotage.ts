// Shows that the tests guard what they claim to: applies each removal of test/sabotage/*.json to a copy of the checkout, one
// at a time, and demands that the named test fails.
import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** One check taken out, and the test that must notice. */
interface Sabotage {
  readonly name: string;
  /** The promise that would not be kept. */
  readonly property?: string;
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

interface Verdict {
  readonly word: "caught" | "SURVIVED" | "does not apply" | "no such test" | "hung";
  /** How the test failed. */
  readonly why?: string;
}

interface TestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly duration?: number | null;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

const root = fileURLToPath(new URL("..", import.meta.url));
/** For all named tests together. */
const BASELINE_LIMIT_MS = 600_000;
/** For each of them while nothing is broken: on a busy machine it takes long, and means nothing. */
const BASELINE_TEST_LIMIT_MS = 120_000;
/** For a test process to start and to end, beside what its test may take. */
const PROCESS_LIMIT_MS = 20_000;
/** A test that waits for what a sabotage prevents fails after so many times what it takes otherwise, at least so long. */
const TIMES_AS_LONG = 5;
const LEAST_TEST_LIMIT_MS = 5000;

const DIRECTORY = join(root, "test", "sabotage");
const LISTS = readdirSync(DIRECTORY)
  .filter((name) => name.endsWith(".json"))
  .map((name) => basename(name, ".json"))
  .sort();

const HELP = `npm run sabotage [-- WORD] [--lanes N] [--why]

Takes checks out of a copy of the checkout, one at a time, and demands that the named test fails.

  WORD       a list, all of them, or part of the names to try; without it promises:
             what must hold whatever goes wrong
  --lanes N  how many at a time; as many as there are cores by default
  --why      how each test failed

lists: ${LISTS.join(", ")}
ends with 0 if all were caught, 1 if not, 2 for arguments that make no sense

  npm run sabotage
  npm run sabotage -- keygen --lanes 1
  npm run sabotage -- "second verification" --why`;

interface Asked {
  readonly word: string;
  readonly lanes: number;
  readonly why: boolean;
  readonly help: boolean;
}

/** @returns what is wrong with the arguments, if anything is */
function readArguments(): Asked | string {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        lanes: { type: "string", default: String(availableParallelism()) },
        why: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (positionals.length > 1)
      return `one word, not ${positionals.length}: put quotes around words that belong together`;
    const lanes = Number(values.lanes);
    if (!Number.isInteger(lanes) || lanes < 1) return `--lanes: a whole number from 1 on, not ${values.lanes}`;
    return { word: positionals[0] ?? "promises", lanes, why: values.why, help: values.help };
  } catch (error) {
    return `${(error as Error).message.split(".")[0]}; see npm run sabotage -- --help`;
  }
}

function readSabotages(word: string): Sabotage[] {
  const read = (list: string) => JSON.parse(readFileSync(join(DIRECTORY, `${list}.json`), "utf8")) as Sabotage[];
  if (LISTS.includes(word)) return read(word);
  const all = LISTS.flatMap(read);
  return word === "all" ? all : all.filter(({ name }) => name.includes(word));
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
    const own = join(root, "packages", room, "node_modules");
    if (existsSync(own)) symlinkSync(own, join(copy, "packages", room, "node_modules"));
  }
  return copy;
}

/** Runs the tests whose full name has one of the titles. `undefined` when the run did not end, or wrote no report. */
async function runTests(
  copy: string,
  files: readonly string[],
  titles: readonly string[],
  timeout: number,
  options: readonly string[] = [],
): Promise<TestReport | undefined> {
  const output = join(copy, "report.json");
  rmSync(output, { force: true });
  const escaped = titles.map((title) => title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  // Where a title runs from a describe into a test, vitest matches against " > ".
  const pattern = escaped.join("|").replaceAll(" ", "(?: | > )");
  const vitest = join(copy, "node_modules", ".bin", "vitest");
  const report = ["--reporter=json", `--outputFile=${output}`];
  const child = spawn(process.execPath, [vitest, "run", ...files, "-t", pattern, ...report, ...options], {
    cwd: copy,
    stdio: "ignore",
    timeout,
    killSignal: "SIGKILL",
  });
  await new Promise((resolve) => child.once("close", resolve));
  try {
    return JSON.parse(readFileSync(output, "utf8")) as TestReport;
  } catch {
    return undefined;
  }
}

/** The tests with that title that ran. */
function matching(report: TestReport, { test, title }: Sabotage) {
  return report.testResults
    .filter(({ name }) => name.endsWith(`/${test}`))
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ fullName, status }) => fullName.includes(title) && (status === "passed" || status === "failed"));
}

async function attempt(copy: string, sabotage: Sabotage, limitMs: number): Promise<Verdict> {
  const { file, find, replace = "", test, title } = sabotage;
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  if (text.split(find).length !== 2) return { word: "does not apply" };
  writeFileSync(
    path,
    text.replace(find, () => replace),
  );
  try {
    const report = await runTests(copy, [test], [title], PROCESS_LIMIT_MS + 2 * limitMs, [
      "--bail=1",
      `--testTimeout=${limitMs}`,
      `--hookTimeout=${limitMs}`,
    ]);
    if (report === undefined) return { word: "hung" };
    const seen = matching(report, sabotage);
    const failed = seen.find(({ status }) => status === "failed");
    if (failed !== undefined) return { word: "caught", why: failed.failureMessages?.[0]?.split("\n")[0] ?? "" };
    return { word: seen.length === 0 ? "no such test" : "SURVIVED" };
  } finally {
    writeFileSync(path, text);
  }
}

/** Without any sabotage every named test passes, or the verdicts would mean nothing. */
async function checkBaseline(copy: string, sabotages: readonly Sabotage[]) {
  const files = [...new Set(sabotages.map(({ test }) => test))];
  const titles = [...new Set(sabotages.map(({ title }) => title))];
  const patience = [`--testTimeout=${BASELINE_TEST_LIMIT_MS}`, `--hookTimeout=${BASELINE_TEST_LIMIT_MS}`];
  const report = await runTests(copy, files, titles, BASELINE_LIMIT_MS, patience);
  if (report === undefined) return { problems: ["the tests did not end"], limits: new Map<Sabotage, number>() };
  const limits = new Map<Sabotage, number>();
  const problems = sabotages.flatMap((sabotage) => {
    const seen = matching(report, sabotage);
    const longestMs = Math.max(...seen.map(({ duration }) => duration ?? 0));
    limits.set(sabotage, Math.max(LEAST_TEST_LIMIT_MS, Math.ceil(TIMES_AS_LONG * longestMs)));
    if (seen.length > 0 && seen.every(({ status }) => status === "passed")) return [];
    return [`${sabotage.test}: "${sabotage.title}" ${seen.length === 0 ? "was not found" : "fails by itself"}`];
  });
  return { problems: [...new Set(problems)], limits };
}

/** Works through the sabotages, each lane in a copy of its own. @returns those that were not caught */
async function attemptAll(copies: readonly string[], limits: ReadonlyMap<Sabotage, number>, explain: boolean) {
  const waiting = [...limits];
  const missed: Sabotage[] = [];
  const lane = async (copy: string) => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [sabotage, limitMs] = next;
      const startedMs = performance.now();
      const { word, why } = await attempt(copy, sabotage, limitMs);
      if (word !== "caught") missed.push(sabotage);
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      const { name, file, property, test, title } = sabotage;
      console.log(`${word.padEnd(14)} ${seconds.padStart(5)} s  ${name}  (${file})`);
      console.log(`${" ".repeat(24)}${property === undefined ? "" : `${property}: `}"${title}"  (${test})`);
      if (explain && why !== undefined) console.log(`${" ".repeat(24)}${why.slice(0, 160)}`);
    }
  };
  await Promise.all(copies.map(lane));
  return missed;
}

async function main(): Promise<number> {
  const asked = readArguments();
  if (typeof asked === "string") {
    console.error(asked);
    return 2;
  }
  const { lanes, why, help, word } = asked;
  if (help) {
    console.log(HELP);
    return 0;
  }
  const sabotages = readSabotages(word);
  if (sabotages.length === 0) {
    console.error(`no sabotage has "${word}" in its name; the lists: ${LISTS.join(", ")}, and all`);
    return 2;
  }
  const copies = Array.from({ length: Math.min(lanes, sabotages.length) }, copyCheckout);
  try {
    console.log(`${sabotages.length} sabotages, in ${copies.join(" and ")}`);
    const { problems, limits } = await checkBaseline(copies[0]!, sabotages);
    if (problems.length > 0) {
      console.error(`before any sabotage:\n  ${problems.join("\n  ")}`);
      return 1;
    }
    const missed = await attemptAll(copies, limits, why);
    console.log(`\n${sabotages.length - missed.length} of ${sabotages.length} sabotages caught`);
    for (const { name } of missed) console.log(`not caught: ${name}`);
    return missed.length === 0 ? 0 : 1;
  } finally {
    for (const copy of copies) rmSync(copy, { recursive: true, force: true });
  }
}

process.exitCode = await main();
