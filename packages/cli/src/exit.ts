import { InputError } from "@quorate/orders";
import { type Command, CommanderError } from "commander";
import { Output } from "./output.ts";

/** Exit codes of every command. 1 is left to what nobody foresaw: a mistake of ours, printed with its stack. 130 is a shell's for Ctrl-C. */
export const EXIT = { ok: 0, bug: 1, usage: 2, safety: 3, unavailable: 4, environment: 5, interrupted: 130 } as const;

/** Facts for a machine, printed with `--json`: plain data, never a secret. */
export type Facts = Readonly<Record<string, unknown>>;

/** Why a command stops: what happened and what to do next, for a person; facts, for a machine. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: number;
  readonly hint: string | undefined;
  readonly facts: Facts;
  constructor(exitCode: number, message: string, hint?: string, facts: Facts = {}) {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
    this.facts = facts;
  }
}

/** Refuses an argument, by its name. */
export function refuseArgument(argument: string, problem: string, hint?: string): never {
  throw new CliError(EXIT.usage, `${argument}: ${problem}`, hint, { argument });
}

/** What the operating system refuses for lack of rights, room or working parts: nothing that other arguments would mend. */
const ENVIRONMENT: ReadonlySet<unknown> = new Set([
  "EACCES",
  "EPERM",
  "EROFS",
  "ENOSPC",
  "EDQUOT",
  "EIO",
  "EMFILE",
  "ENFILE",
  "ENOMEM",
  "EADDRINUSE",
] as const);

/** The code of a system error, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** The exit code for an error of the API, by HTTP status and by the code in `details.code`. */
export function apiExitCode(status: number, code: string | undefined): number {
  if (code === "quorum_unavailable" || code === "overloaded" || code === "failed") return EXIT.unavailable;
  return status >= 400 && status < 500 && status !== 429 ? EXIT.usage : EXIT.unavailable;
}

/** Any error as one that a command may end with. */
export function asCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof InputError) {
    const { code, field, hint, details } = error;
    return new CliError(apiExitCode(400, code), error.message, hint, { code, field, ...details });
  }
  if (error instanceof CommanderError) return new CliError(EXIT.usage, error.message.replace(/^error: /, ""));
  const code = systemCode(error);
  if (ENVIRONMENT.has(code)) {
    return new CliError(EXIT.environment, (error as Error).message, "check rights and free space, then try again", {
      code,
    });
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new CliError(EXIT.bug, text, "this is a mistake in Quorate: please report it with this text");
}

/** Prints why a command stops and sets the exit code of the process. */
export function fail(error: unknown, output: Output): void {
  const failure = asCliError(error);
  const { exitCode, message, hint, facts } = failure;
  process.exitCode = exitCode;
  if (output.json) output.document({ error: { ...facts, exitCode, message, ...(hint === undefined ? {} : { hint }) } });
  else output.error(message, hint);
}

/**
 * Wraps the action of a command: whatever it throws is printed, on standard error for a person, with `--json` as one object on
 * standard output, and becomes the exit code. Commander calls it with the arguments, the options and the command.
 */
export function runCommand<A extends readonly unknown[]>(
  action: (...args: A) => Promise<void> | void,
): (...args: A) => Promise<void> {
  return async (...args) => {
    try {
      await action(...args);
    } catch (error) {
      fail(error, new Output({ json: wantsJson(args.at(-1)) }));
    }
  };
}

function wantsJson(command: unknown): boolean {
  const isCommand = typeof command === "object" && command !== null && "optsWithGlobals" in command;
  return isCommand && (command as Command).optsWithGlobals().json === true;
}

/**
 * Parses the command line and runs the command. Wrong usage ends with exit code 2, help with 0. Commands must have been made with
 * `program.command`, after `strict(program)`, so that they inherit how errors are handled.
 */
export async function runProgram(program: Command, argv: readonly string[] = process.argv): Promise<void> {
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    const json = argv.includes("--json");
    // Where help was the answer to a command without its subcommand, it stands on standard error already.
    if (error.code === "commander.help" && !json) process.exitCode = EXIT.usage;
    else fail(new CliError(EXIT.usage, error.message.replace(/^error: /, ""), "see --help"), new Output({ json }));
  }
}

/** Makes wrong usage throw, in `program` and in the commands that are added to it later, for `runProgram` to print. */
export function strict(program: Command): Command {
  return program.exitOverride().configureOutput({ outputError: () => {} });
}
