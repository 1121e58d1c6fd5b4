import { execFileSync } from "node:child_process";
import { closeSync, createReadStream, openSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import type { TraceLine } from "@quorate/simulator";
import { refuseArgument, systemCode } from "../exit.ts";
import { parseScenario, type ScenarioFile } from "../scenarios/scenario-file.ts";
import { written } from "../scenarios/written.ts";
import { VERSION } from "../version.ts";

/** The first line of a trace: what made it. */
export interface TraceHeader {
  readonly format: "quorate-trace-1";
  readonly version: string;
  /** Of the checkout; `null` where there is none. */
  readonly commit: string | null;
  /** The scenario as a file. */
  readonly scenario: string;
}

const FORMAT = "quorate-trace-1";
const BUFFER_BYTES = 1 << 16;

/** A trace that is being written: a header, then what happens, one JSON line each. */
export class TraceFile implements Disposable {
  readonly #file: number;
  #buffer = "";

  private constructor(file: number) {
    this.#file = file;
  }

  /** @throws CliError if there cannot be such a file */
  static create(path: string, scenario: ScenarioFile): TraceFile {
    const header: TraceHeader = {
      ...{ format: FORMAT, version: VERSION, commit: commit() },
      scenario: written(scenario),
    };
    const trace = new TraceFile(opened(path));
    trace.#write(JSON.stringify(header));
    return trace;
  }

  add(line: TraceLine): void {
    this.#write(JSON.stringify(line));
  }

  [Symbol.dispose](): void {
    writeSync(this.#file, this.#buffer);
    closeSync(this.#file);
  }

  #write(line: string): void {
    this.#buffer += `${line}\n`;
    if (this.#buffer.length < BUFFER_BYTES) return;
    writeSync(this.#file, this.#buffer);
    this.#buffer = "";
  }
}

/** A trace as it was read. */
export interface ReadTrace {
  readonly header: TraceHeader;
  readonly file: ScenarioFile;
  /** The lines after the header, as they are. */
  readonly lines: readonly string[];
}

/** Reads a trace. @param argument named in errors @throws CliError */
export async function readTrace(argument: string, path: string): Promise<ReadTrace> {
  const lines: string[] = [];
  try {
    for await (const line of createInterface({ input: createReadStream(path) })) if (line !== "") lines.push(line);
  } catch (error) {
    if (systemCode(error) === "ENOENT") refuseArgument(argument, `there is no file ${path}`, "check the path");
    throw error;
  }
  const header = headerOf(lines[0] ?? "", argument, path);
  return { header, file: parseScenario(header.scenario), lines: lines.slice(1) };
}

/** Reads a line of a trace. @throws CliError for what is none */
export function parseLine(text: string, argument: string): TraceLine {
  try {
    const line = JSON.parse(text) as TraceLine;
    if (typeof line.at === "number" && typeof line.node === "string" && typeof line.type === "string") return line;
  } catch {}
  return refuseArgument(argument, `${text.slice(0, 80)} is no line of a trace`, "it has at, seq, node and type");
}

function headerOf(line: string, argument: string, path: string): TraceHeader {
  try {
    const header = JSON.parse(line) as TraceHeader;
    if (header.format === FORMAT && typeof header.scenario === "string") return header;
  } catch {}
  const hint = "quorate scenario run FILE --trace out.jsonl writes one";
  return refuseArgument(argument, `${path} does not begin as a trace of a scenario`, hint);
}

function opened(path: string): number {
  try {
    return openSync(path, "w");
  } catch (error) {
    if (systemCode(error) === "ENOENT") refuseArgument("--trace", `there is no directory for ${path}`, "make it first");
    if (systemCode(error) === "EISDIR") refuseArgument("--trace", `${path} is a directory`, "name a file in it");
    throw error;
  }
}

function commit(): string | null {
  try {
    const options = { cwd: import.meta.dirname, stdio: "pipe", encoding: "utf8" } as const;
    return execFileSync("git", ["rev-parse", "HEAD"], options).trim();
  } catch {
    return null;
  }
}
