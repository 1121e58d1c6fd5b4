import { createInterface } from "node:readline/promises";
import { CliError, EXIT } from "./exit.ts";

/**
 * Asks a person at a terminal whether to go on. Whoever is none says so beforehand, with `--yes`.
 *
 * @throws CliError if there is nobody to ask, or the answer is not yes
 */
export async function confirm(question: string, options: { readonly yes?: boolean }): Promise<void> {
  if (options.yes === true) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new CliError(EXIT.usage, "--yes: is missing, and there is nobody at a terminal to ask", "add --yes");
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new CliError(EXIT.usage, "nothing was changed");
  } finally {
    terminal.close();
  }
}
