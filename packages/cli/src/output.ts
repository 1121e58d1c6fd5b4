import { stripVTControlCharacters, styleText } from "node:util";

/** Formats of `node:util` styleText, such as `bold` or `red`. */
export type Style = Parameters<typeof styleText>[0];

/** Where text goes: `process.stdout` has this shape. */
export interface Sink {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface OutputOptions {
  /** One JSON document on standard output, and nothing else there. */
  readonly json?: boolean | undefined;
  readonly stdout?: Sink;
  readonly stderr?: Sink;
  /** Looked at for `NO_COLOR`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const CLEAR_LINE = "\r\x1b[2K";

/** What a command prints. Results go to standard output, progress and errors to standard error. */
export class Output {
  readonly json: boolean;
  readonly #stdout: Sink;
  readonly #stderr: Sink;
  readonly #isColourful: boolean;
  #hasProgress = false;

  constructor({
    json = false,
    stdout = process.stdout,
    stderr = process.stderr,
    env = process.env,
  }: OutputOptions = {}) {
    this.json = json;
    this.#stdout = stdout;
    this.#stderr = stderr;
    // https://no-color.org: any value that is not empty
    this.#isColourful = !env.NO_COLOR;
  }

  /** A line for a person; nothing with `--json`. */
  line(text = ""): void {
    if (this.json) return;
    this.#clear();
    this.#stdout.write(`${text}\n`);
  }

  /** The result for a machine, bigints as text; nothing without `--json`. At most one per command. */
  document(value: unknown): void {
    if (!this.json) return;
    this.#clear();
    const plain = (_: string, member: unknown) => (typeof member === "bigint" ? member.toString() : member);
    this.#stdout.write(`${JSON.stringify(value, plain, 2)}\n`);
  }

  /** Says what is going on: on a terminal in one line that the next overwrites, elsewhere line by line; nothing with `--json`. */
  progress(text: string): void {
    if (this.json) return;
    if (!this.#stderr.isTTY) {
      this.#stderr.write(`${text}\n`);
      return;
    }
    const width = (this.#stderr.columns ?? 80) - 1;
    this.#stderr.write(CLEAR_LINE + text.slice(0, width));
    this.#hasProgress = true;
  }

  /** What went wrong and what to do next, on standard error. */
  error(message: string, hint?: string): void {
    this.#clear();
    this.#stderr.write(`${this.#paint(this.#stderr, "red", "error:")} ${message}\n`);
    if (hint !== undefined) this.#stderr.write(`${this.#paint(this.#stderr, "dim", "  try:")} ${hint}\n`);
  }

  /** `text` in colour, if standard output shows colours. */
  style(format: Style, text: string): string {
    return this.#paint(this.#stdout, format, text);
  }

  /** Ends a line of progress that something else is to follow. */
  #clear(): void {
    if (this.#hasProgress) this.#stderr.write(CLEAR_LINE);
    this.#hasProgress = false;
  }

  #paint(sink: Sink, format: Style, text: string): string {
    return this.#isColourful && sink.isTTY === true ? styleText(format, text, { validateStream: false }) : text;
  }
}

/** Rows with their columns aligned, two spaces between them. Colours do not count as width. */
export function table(rows: readonly (readonly string[])[], indent = "  "): string[] {
  const width = (cell: string) => stripVTControlCharacters(cell).length;
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, width(cell));
  }
  return rows.map((row) => {
    const cells = row.map((cell, at) => cell + " ".repeat(widths[at]! - width(cell)));
    return (indent + cells.join("  ")).trimEnd();
  });
}

/** A time as people read it: `0.4 ms`, `18 ms`, `1.2 s`, `3 min 20 s`. */
export function duration(ms: number): string {
  if (ms < 0.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 99_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
