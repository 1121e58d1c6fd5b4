import { hex } from "@quorate/orders";
import type { StorageKey } from "@quorate/vault";
import { StorageError } from "../error.ts";
import { type Facts, Meta } from "../meta.ts";
import type { Protection } from "../row.ts";
import type { Address } from "./address.ts";
import { Session } from "./session.ts";
import type { Statements } from "./statements.ts";

const FORMAT = 1;
const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 2000;

/** How a database is held. */
export interface Holding {
  readonly address: Address;
  readonly sql: Statements;
  readonly by: Protection;
  /** Several processes may have it open. */
  readonly shared: boolean;
  /** What another process says on the channel; only where it is shared. */
  readonly heard: (payload: string) => void;
  /** The connection ended; a new one is being made. */
  readonly onLost: () => void;
  /** There is a connection again, under the lock. */
  readonly onBack: (facts: ReadonlyMap<string, string>) => void;
  /** Another process has had the database since: this one may never answer from it again. */
  readonly onTaken: (error: StorageError) => void;
}

/**
 * Keeps one connection to a database, under its lock. The lock goes with the connection, and every statement goes over that
 * connection, so that nothing is read or written without it. When the connection is lost it makes another, takes the lock again,
 * and goes on only if nobody has had the database alone in between: each holder leaves its name there.
 */
export class Link {
  readonly #holding: Holding;
  /** Names this process as holder; made new at each start. */
  readonly #holder: string;
  #session: Session | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(holding: Holding) {
    this.#holding = holding;
    this.#holder = hex(holding.by.random(16));
  }

  /** Absent while the connection is lost. */
  get session(): Session | undefined {
    return this.#session?.alive === true ? this.#session : undefined;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Connects, takes the lock and makes what is missing. @returns the key in force. @throws StorageError */
  async open(candidates: readonly StorageKey[]): Promise<StorageKey | undefined> {
    const { address, by, shared } = this.#holding;
    const session = await Session.connect(address, () => this.#lost());
    try {
      if (!(await session.lock(address, shared))) throw inUse(address);
      await session.text("BEGIN");
      await session.text(`SELECT pg_advisory_xact_lock(${address.making})`);
      const facts = await this.#readFacts(session);
      const meta = new Meta(facts);
      meta.claim(address.name, by);
      const key = meta.chooseKey(address.name, candidates);
      if (!shared) facts.set("holder", this.#holder);
      for (const [name, value] of facts.changed) await session.run(this.#holding.sql.setFact(name, value));
      await session.text("COMMIT");
      await this.#listen(session);
      if (!session.alive) throw new Error("the connection was lost");
      this.#session = session;
      return key;
    } catch (error) {
      session.destroy();
      if (error instanceof StorageError) throw error;
      throw new StorageError("unreadable", `cannot open ${address.name}: ${(error as Error).message}`);
    }
  }

  /** Gives up a connection that is of no use, as if it had been lost by itself. */
  drop(session: Session): void {
    if (session !== this.#session) return;
    session.destroy();
    this.#lost();
  }

  async close(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#timer);
    if (this.session !== undefined) await this.session.close();
  }

  #lost(): void {
    if (this.#ended || this.#session === undefined) return;
    this.#session = undefined;
    this.#holding.onLost();
    this.#again(FIRST_DELAY_MS);
  }

  #again(delayMs: number): void {
    if (this.#ended) return;
    this.#timer = setTimeout(async () => {
      if (await this.#tryAgain()) return;
      this.#again(Math.min(delayMs * 2, MAX_DELAY_MS));
    }, delayMs);
  }

  /** @returns whether there is nothing more to try */
  async #tryAgain(): Promise<boolean> {
    const { address, sql, shared, onTaken, onBack } = this.#holding;
    let session: Session | undefined;
    try {
      session = await Session.connect(address, () => this.#lost());
      const locked = await session.lock(address, shared);
      const { rows } = await session.run(sql.facts());
      const facts = new Map(rows.map(({ name, value }) => [name, value]));
      const foreign = !shared && facts.get("holder") !== this.#holder;
      if (locked && !foreign && !this.#ended) {
        await this.#listen(session);
        if (!session.alive) return false;
        this.#session = session;
        onBack(facts);
        return true;
      }
      session.destroy();
      // Not locked, but still in our own name: the server has not noticed yet that the last connection is gone.
      if (!foreign) return this.#ended;
      this.#ended = true;
      onTaken(taken(address));
      return true;
    } catch {
      session?.destroy();
      return this.#ended;
    }
  }

  async #listen(session: Session): Promise<void> {
    const { shared, address, heard } = this.#holding;
    if (shared) await session.listen(address.channel, heard);
  }

  /** What the database says of itself, after making it if there is none. */
  async #readFacts(session: Session): Promise<Facts & { readonly changed: ReadonlyMap<string, string> }> {
    const { sql, address } = this.#holding;
    const tables = new Set((await session.run(sql.tables())).rows.map(({ name }) => name));
    const changed = new Map<string, string>();
    const known = new Map<string, string>();
    if (tables.size === 0) {
      for (const text of sql.create()) await session.text(text);
      changed.set("format", String(FORMAT));
    } else {
      if (!tables.has("meta") || !tables.has("records")) {
        throw new StorageError("not_records", `${address.name} belongs to another program: it was left as it is`);
      }
      for (const { name, value } of (await session.run(sql.facts())).rows) known.set(name, value);
      refuseNewer(address, Number(known.get("format")));
    }
    return {
      changed,
      get: (name) => changed.get(name) ?? known.get(name),
      set: (name, value) => void changed.set(name, value),
    };
  }
}

function refuseNewer(address: Address, format: number): void {
  if (format <= FORMAT) return;
  const advice = "use the version that wrote it, or a newer one";
  throw new StorageError(
    "newer_format",
    `${address.name} has format ${format}, this version reads up to ${FORMAT}: ${advice}`,
  );
}

function inUse(address: Address): StorageError {
  const reason = "stop that one first (two signers on one database would sign twice)";
  return new StorageError("in_use", `${address.name} is in use by another process: ${reason}`);
}

function taken(address: Address): StorageError {
  return new StorageError("in_use", `${address.name} was taken by another process while the connection was lost`);
}
