import type { CompiledQuery } from "kysely";
import pg from "pg";
import { StorageError } from "../error.ts";
import type { Address } from "./address.ts";
import { ConnectionLost, stateOf } from "./failure.ts";

/** How long a predecessor that is just ending may keep the lock. */
const LOCK_WAIT_MS = 2000;
const CONNECT_MS = 5000;
/** A statement that is not answered for so long: the connection is taken as lost. */
const STATEMENT_MS = 15_000;
const LOCK_NOT_AVAILABLE = "55P03";

/** What the server answered to one statement. */
export interface Answered<Row> {
  readonly command: string;
  readonly rows: readonly Row[];
}

/** One connection, which holds the lock of the schema for as long as it lives. Statements are sent without waiting for each other. */
export class Session {
  readonly #client: pg.Client;
  #alive = true;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  /**
   * @param onLost called once, when the connection ends without `close`
   * @throws StorageError `unreadable` or `not_durable`
   */
  static async connect(address: Address, onLost: () => void): Promise<Session> {
    const client = new pg.Client({
      connectionString: address.connectionString,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: STATEMENT_MS,
      keepAlive: true,
      pipeline: true,
      application_name: "quorate",
    });
    const session = new Session(client);
    const ended = () => {
      if (!session.#alive) return;
      session.#alive = false;
      onLost();
    };
    client.on("error", ended);
    client.on("end", ended);
    try {
      await client.connect();
      await session.#prepare(address);
    } catch (error) {
      session.#alive = false;
      session.destroy();
      if (error instanceof StorageError) throw error;
      throw new StorageError("unreadable", `cannot open ${address.name}: ${(error as Error).message}`);
    }
    return session;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** @throws DatabaseError for what the server refuses; ConnectionLost */
  run<Row>(query: CompiledQuery<Row>): Promise<Answered<Row>> {
    return this.#ask<Row>({ text: query.sql, values: [...query.parameters] });
  }

  /** @param withinMs for statements that take long */
  text<Row = Record<string, unknown>>(text: string, withinMs = STATEMENT_MS): Promise<Answered<Row>> {
    return this.#ask<Row>({ text, query_timeout: withinMs });
  }

  /** Takes the lock for as long as this connection lives, alone or beside others who share it. @returns whether it got it */
  async lock({ lock }: Address, shared: boolean): Promise<boolean> {
    await this.text(`SET lock_timeout = ${LOCK_WAIT_MS}`);
    try {
      await this.text(`SELECT pg_advisory_lock${shared ? "_shared" : ""}(${lock})`);
      return true;
    } catch (error) {
      if (stateOf(error) === LOCK_NOT_AVAILABLE) return false;
      throw error;
    } finally {
      if (this.#alive) await this.text("RESET lock_timeout");
    }
  }

  /** Calls `heard` with what other connections say on a channel. */
  async listen(channel: string, heard: (payload: string) => void): Promise<void> {
    const own = (await this.text<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows[0]?.pid;
    this.#client.on("notification", ({ processId, payload }) => {
      if (processId !== own) heard(payload ?? "");
    });
    await this.text(`LISTEN "${channel}"`);
  }

  /** Ends the connection at once; nobody is told. */
  destroy(): void {
    this.#alive = false;
    (this.#client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }

  async close(): Promise<void> {
    this.#alive = false;
    await this.#client.end();
  }

  async #ask<Row>(query: { text: string; values?: unknown[]; query_timeout?: number }): Promise<Answered<Row>> {
    try {
      const { command, rows } = await this.#client.query(query);
      return { command, rows };
    } catch (error) {
      throw stateOf(error) === undefined ? new ConnectionLost((error as Error).message) : error;
    }
  }

  /** A dead client must free its lock soon, and what is acknowledged must survive loss of power. */
  async #prepare(address: Address): Promise<void> {
    await this.text("SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3");
    await this.text(
      "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
    );
    const { rows } = await this.text<{ fsync: string }>("SHOW fsync");
    if (rows[0]?.fsync !== "on") {
      throw new StorageError(
        "not_durable",
        `${address.name}: its server runs with fsync off: set it on, and restart it`,
      );
    }
  }
}
