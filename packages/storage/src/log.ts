import { close, fdatasync, fdatasyncSync, openSync } from "node:fs";
import { syncFolder } from "./database.ts";

/**
 * The log of an open database, `<path>-wal`. What is committed stands in it; a loss of power leaves what stood there when it
 * was last synced, which SQLite leaves to us: so the sync can run beside other work.
 */
export class Log {
  readonly #descriptor: number;
  #syncing = 0;
  #closed = false;

  /** Makes the file's name durable as well. */
  constructor(path: string) {
    this.#descriptor = openSync(`${path}-wal`, "r+");
    syncFolder(path);
  }

  /** @throws Error if the disk does not say that it has everything */
  syncNow(): void {
    fdatasyncSync(this.#descriptor);
  }

  /** @param done with an error if the disk does not say that it has everything that was committed before */
  sync(done: (error: Error | null) => void): void {
    this.#syncing += 1;
    fdatasync(this.#descriptor, (error) => {
      this.#syncing -= 1;
      if (this.#closed) this.#end();
      done(error);
    });
  }

  /** What is under way comes to its end first. */
  close(): void {
    this.#closed = true;
    this.#end();
  }

  /** A descriptor that is closed under a sync may be another file's by then. */
  #end(): void {
    if (this.#syncing === 0) close(this.#descriptor);
  }
}
