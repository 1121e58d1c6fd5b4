import type { RecordKey, RecordQuery } from "@quorate/orders";
import {
  type CompiledQuery,
  DummyDriver,
  type ExpressionBuilder,
  type Generated,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from "kysely";
import type { PreparedWrite } from "../batch.ts";

interface Tables {
  records: {
    seq: Generated<string>;
    kind: string;
    scope: string;
    id: string;
    epoch: number;
    sealed: number;
    value: Uint8Array;
  };
  meta: { name: string; value: string };
}

/** A row of `records`, as the driver gives it: 64-bit integers are text. */
export interface StoredRow {
  readonly seq: string;
  readonly kind: string;
  readonly id: string;
  readonly epoch: string;
  readonly sealed: number;
  readonly value: Uint8Array;
}

const COLUMNS = ["seq", "kind", "id", "epoch", "sealed", "value"] as const;

/** The SQL of one schema, compiled; nothing here is connected. */
export class Statements {
  readonly #db: Kysely<Tables>;
  readonly #schema: string;
  constructor(schema: string) {
    this.#schema = schema;
    this.#db = new Kysely<Tables>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (db) => new PostgresIntrospector(db),
        createQueryCompiler: () => new PostgresQueryCompiler(),
      },
    }).withSchema(schema);
  }

  /** Makes the schema and its tables. Names are compared byte by byte, whatever the language of the database. */
  create(): readonly string[] {
    const name = (table: string) => `"${this.#schema}"."${table}"`;
    return [
      `CREATE SCHEMA IF NOT EXISTS "${this.#schema}"`,
      `CREATE TABLE ${name("records")} (
        seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        kind TEXT COLLATE "C" NOT NULL,
        scope TEXT COLLATE "C" NOT NULL,
        id TEXT COLLATE "C" NOT NULL,
        epoch BIGINT NOT NULL,
        sealed SMALLINT NOT NULL,
        value BYTEA NOT NULL)`,
      `CREATE UNIQUE INDEX records_by_key ON ${name("records")} (kind, id, epoch)`,
      `CREATE INDEX records_by_scope ON ${name("records")} (kind, scope, seq)`,
      `CREATE INDEX records_by_kind ON ${name("records")} (kind, seq)`,
      `CREATE TABLE ${name("meta")} (name TEXT PRIMARY KEY, value TEXT NOT NULL)`,
    ];
  }

  read(keys: readonly RecordKey[]): CompiledQuery<StoredRow> {
    return as(this.#db.selectFrom("records").select(COLUMNS).where(isOneOf(keys)).compile());
  }

  list({ kind, scope, after, limit, newestFirst = false }: RecordQuery): CompiledQuery<StoredRow> {
    let query = this.#db.selectFrom("records").select(COLUMNS).where("kind", "=", kind);
    if (scope !== undefined) query = query.where("scope", "=", scope);
    if (after !== undefined) query = query.where("seq", newestFirst ? "<" : ">", String(after));
    return as(
      query
        .orderBy("seq", newestFirst ? "desc" : "asc")
        .limit(limit)
        .compile(),
    );
  }

  /** Rows with different keys. Those that were to be absent and are there end the transaction with `unique_violation`. */
  put(writes: readonly PreparedWrite[], ifAbsent: boolean): CompiledQuery {
    const rows = writes.map(({ key: { kind, id, epoch }, scope, row }) => ({ kind, id, epoch, scope, ...row! }));
    const insert = this.#db.insertInto("records").values(rows);
    if (ifAbsent) return insert.compile();
    const replace = insert.onConflict((conflict) =>
      conflict.columns(["kind", "id", "epoch"]).doUpdateSet((eb) => ({
        scope: eb.ref("excluded.scope"),
        sealed: eb.ref("excluded.sealed"),
        value: eb.ref("excluded.value"),
      })),
    );
    return replace.compile();
  }

  delete(keys: readonly RecordKey[]): CompiledQuery {
    return this.#db.deleteFrom("records").where(isOneOf(keys)).compile();
  }

  /** The next sealed row after a place, for a rotation. */
  nextSealed(after: string): CompiledQuery<StoredRow> {
    const sealed = this.#db.selectFrom("records").select(COLUMNS).where("sealed", "=", 1).where("seq", ">", after);
    return as(sealed.orderBy("seq").limit(1).compile());
  }

  reseal(seq: string, value: Uint8Array): CompiledQuery {
    return this.#db.updateTable("records").set({ value }).where("seq", "=", seq).compile();
  }

  facts(): CompiledQuery<{ name: string; value: string }> {
    return this.#db.selectFrom("meta").select(["name", "value"]).compile();
  }

  setFact(name: string, value: string): CompiledQuery {
    const insert = this.#db.insertInto("meta").values({ name, value });
    return insert.onConflict((conflict) => conflict.column("name").doUpdateSet({ value })).compile();
  }

  /** Rewrites the table, so that nothing that was replaced stays in its file. */
  rewrite(): string {
    return `VACUUM FULL "${this.#schema}".records`;
  }

  /** The tables that there are in the schema; none where there is no such schema. */
  tables(): CompiledQuery<{ name: string }> {
    return as(sql`SELECT tablename AS name FROM pg_tables WHERE schemaname = ${this.#schema}`.compile(this.#db));
  }

  notify(channel: string, payloads: readonly string[]): CompiledQuery {
    return sql`SELECT pg_notify(${channel}, payload) FROM unnest(${[...payloads]}::text[]) AS payload`.compile(
      this.#db,
    );
  }
}

function isOneOf(keys: readonly RecordKey[]) {
  return (eb: ExpressionBuilder<Tables, "records">) =>
    eb(
      eb.refTuple("kind", "id", "epoch"),
      "in",
      keys.map(({ kind, id, epoch }) => eb.tuple(kind, id, epoch)),
    );
}

function as<Row>(query: CompiledQuery<unknown>): CompiledQuery<Row> {
  return query as CompiledQuery<Row>;
}
