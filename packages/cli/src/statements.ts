import { control } from "./control.ts";
import { CliError, EXIT } from "./exit.ts";
import type { UpFile } from "./state.ts";

/** What became of a statement at each signer. */
export type Told = Readonly<Record<string, string>>;

/** Gives signers statements of operators, all at once: nobody waits for one that does not answer. */
export async function tell(up: UpFile, question: string, statements: ReadonlyMap<string, string>): Promise<Told> {
  const told = [...statements].map(async ([node, payload]) => {
    const answer = await control(up, "ask", { node, question, payload }).catch(unreachable);
    return [node, answer === undefined ? "does not run" : String(answer)] as const;
  });
  return Object.fromEntries(await Promise.all(told));
}

/** @returns nothing for a signer that does not run @throws any other error */
export function unreachable(error: unknown): undefined {
  if (error instanceof CliError && error.exitCode === EXIT.unavailable) return undefined;
  throw error;
}
