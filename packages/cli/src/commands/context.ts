import type { Command } from "commander";
import type { ApiClient, NetworkProcess } from "../api-client.ts";

/** The options of every command that talks to a network, and those of the program above it. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly [name: string]: unknown;
}

/** What commands get from the program. */
export interface CommandContext {
  /** Finds the running network, from the options of the command and of the program. @throws CliError */
  connect(options: CommonOptions): Promise<ApiClient>;
  /** The signers as the local network file names them: to be believed before what a coordinator says. */
  localSigners?(options: CommonOptions): readonly NetworkProcess[] | undefined;
}

/** Every option of the command, those of the program included, as commander parsed them. */
export function optionsOf<T extends CommonOptions>(command: Command): T {
  return command.optsWithGlobals<T>();
}

/** The examples under the help of a command. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}
