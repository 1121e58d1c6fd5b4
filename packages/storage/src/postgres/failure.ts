import pg from "pg";

/** What a failed statement means: `lost` for a connection that is of no use any more. */
export type Failure = "lost" | "conflict" | "again" | "corrupt" | "no_space" | "io_error";

/** By SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html), or by its class, the first two characters. */
const BY_STATE: Readonly<Record<string, Failure>> = {
  "08": "lost", // connection exception
  "23505": "conflict", // unique violation: only what is to be absent can meet one
  "25006": "lost", // read only: the server became a standby, or went over to one
  "40001": "again", // serialization failure
  "40P01": "again", // deadlock with another process
  "53100": "no_space", // disk full
  "57P01": "lost", // shut down by its administrator
  "57P02": "lost", // shut down by a crash
  "57P03": "lost", // starting up or shutting down
  "57P04": "lost", // the database was dropped
  "57P05": "lost", // idle for too long
  XX: "corrupt", // data or index corrupted
};

/** The connection ended, or no answer came in time; what was under way may or may not have been done. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/** What the server or the connection did. Whatever neither of them did is our own bug, and is thrown on. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ConnectionLost) return "lost";
  const state = stateOf(error);
  if (state === undefined) throw error;
  return BY_STATE[state] ?? BY_STATE[state.slice(0, 2)] ?? "io_error";
}

/** The SQLSTATE of an error, if the server said it. */
export function stateOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}
