import { createHash } from "node:crypto";
import { hex } from "@quorate/orders";
import { StorageError } from "../error.ts";
import type { Protection } from "../row.ts";

/** Where the records of one node are, in a database that others may use as well. */
export interface Address {
  /** With the password: for the driver alone, never for a message. */
  readonly connectionString: string;
  /** For messages: host, port, database and schema. */
  readonly name: string;
  readonly schema: string;
  /** Of the advisory lock of this schema; a signed 64-bit integer. */
  readonly lock: string;
  /** Of the lock under which the schema is made. */
  readonly making: string;
  /** Of the notifications of this schema. */
  readonly channel: string;
}

/** Whether a target names a Postgres server and not a file. */
export function isPostgresUrl(target: string): boolean {
  return /^postgres(ql)?:\/\//i.test(target);
}

/** Every node of every network has a schema of its own. @throws StorageError for a URL that is none; it is not shown */
export function addressOf(url: string, { node, networkHash }: Protection): Address {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    const form = "postgres://user:password@host:5432/database";
    throw new StorageError("unreadable", `the URL of the database cannot be read: it has the form ${form}`);
  }
  const digest = createHash("sha256").update(networkHash).update(node).digest();
  const schema = `quorate_${node.replace(/[^a-z0-9]/g, "_").slice(0, 30)}_${hex(digest.subarray(0, 8))}`;
  return {
    connectionString: url,
    name: `${parsed.host}${parsed.pathname}, schema ${schema}`,
    schema,
    lock: String(digest.readBigInt64BE(8)),
    making: String(digest.readBigInt64BE(16)),
    channel: schema,
  };
}
