import { readFileSync } from "node:fs";

/** Where a fault can be had: in one process and virtual time, on real sockets, disks and processes, in containers. */
export const LAYERS = ["simulated", "live", "containers"] as const;
export type Layer = (typeof LAYERS)[number];

/** A test: its file from the root, and words of it that stand there, mostly its title. */
export interface Shown {
  readonly file: string;
  readonly title: string;
}

/** What can go wrong, and what shows that the network does the right thing then: tests, or why there is none. */
export interface TestedFault extends Partial<Readonly<Record<Layer, readonly Shown[] | string>>> {
  readonly number: string;
  readonly fault: string;
  /** Where it has to be shown, or said why not. */
  readonly layers: readonly Layer[];
  readonly note?: string;
}

/** Every fault by its number. */
export const TESTED_FAULTS = JSON.parse(
  readFileSync(new URL("faults.json", import.meta.url), "utf8"),
) as readonly TestedFault[];

const INTRODUCTION = `# Faults, and the tests that show what comes of them

Made from \`faults.json\`; \`vitest run test/simulation/faults.test.ts -u\` writes it anew. Simulated tests run in one process, those of
\`test/simulation\` on the simulator, under a checker for each promise (\`packages/simulator/src/checkers\`): whatever else a
test says, no promise may be broken, everything has to end, and nobody honest may be named. Live tests use real processes, sockets or
files. Those of containers need Docker: \`npm run test:containers\`. A sentence in place of a test says why there is none.
`;

/** The table for people, in Markdown. */
export function faultTable(): string {
  const cell = (shown: readonly Shown[] | string | undefined) => {
    if (shown === undefined) return "";
    if (typeof shown === "string") return `none: ${shown}`;
    return shown.map(({ file, title }) => `${title.replaceAll('"', "")} (\`${file}\`)`).join("<br>");
  };
  const rows = TESTED_FAULTS.map((one) => {
    const note = one.note === undefined ? "" : ` (${one.note})`;
    return `| ${one.number} | ${one.fault}${note} | ${LAYERS.map((layer) => cell(one[layer])).join(" | ")} |`;
  });
  return `${INTRODUCTION}\n| # | fault | ${LAYERS.join(" | ")} |\n|---|---|---|---|---|\n${rows.join("\n")}\n`;
}
