import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { CliError, EXIT } from "./exit.ts";
import type { State } from "./state.ts";

const FILES = "files";

/** A file is one process's alone. @throws CliError when several coordinators were to share one */
export function checkSharing(coordinators: number, url: string | undefined): void {
  if (coordinators === 1 || url !== undefined) return;
  throw new CliError(
    EXIT.usage,
    `${coordinators} coordinators share one database, and a file is one process's alone`,
    "name a Postgres database with --database or QUORATE_DATABASE_URL",
  );
}

/**
 * A network keeps its records where it was first started with: elsewhere it would seem to have lost its keys.
 *
 * @param exists whether it was made before
 * @throws CliError saying where the records are
 */
export function keepToDatabase(state: State, exists: boolean, url: string | undefined): void {
  const given = url === undefined ? FILES : placeOf(url);
  if (!exists) {
    state.make();
    if (url !== undefined) writeFileSync(state.databasePath, `${given}\n`);
    return;
  }
  const known = existsSync(state.databasePath) ? readFileSync(state.databasePath, "utf8").trim() : FILES;
  if (known === given) return;
  const hint =
    known === FILES ? "start it without --database and QUORATE_DATABASE_URL" : "name that one in QUORATE_DATABASE_URL";
  throw new CliError(
    EXIT.usage,
    `the network in ${state.dir} keeps its records in ${known}, and was to be started with ${given}`,
    `${hint}; if the same database has another address now, correct ${state.databasePath}`,
  );
}

/** Host, port and database: what tells one from another, without user and password. */
function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `postgres://${host}${pathname}`;
}
