import { copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { NodeId } from "@quorate/orders";
import type { State } from "../state.ts";
import type { LocalProcesses } from "./processes.ts";

const DATABASE = "records.db";
/** What belongs to a database of SQLite; the first is always there. */
const FILES = [DATABASE, `${DATABASE}-wal`];
/** What a process needs besides to be that node. */
const KEYS = ["identity.key", "storage.key", "token.key"];
/** After that a process that was stopped has left the system call that it was in, milliseconds. */
const STANDSTILL_MS = 100;

/** Copies of the databases of nodes, as they were at one moment. */
export class Snapshots {
  readonly #state: State;
  readonly #processes: LocalProcesses;

  constructor(state: State, processes: LocalProcesses) {
    this.#state = state;
    this.#processes = processes;
  }

  /** Keeps the database of a running node as it is now. */
  take(node: NodeId): Promise<void> {
    return this.#copy(node, this.#dirOf(node));
  }

  has(node: NodeId): boolean {
    return existsSync(join(this.#dirOf(node), DATABASE));
  }

  /** Puts a snapshot in the place of the database of a node that does not run. */
  restore(node: NodeId): void {
    const dir = this.#state.nodeDir(node);
    for (const file of [...FILES, `${DATABASE}-shm`]) rmSync(join(dir, file), { force: true });
    copyAll(this.#dirOf(node), dir, FILES);
  }

  /** Makes a second home for a node, with its keys and the database as it is now. @returns where */
  async clone(node: NodeId): Promise<string> {
    const dir = join(this.#state.nodeDir(node), "clone");
    rmSync(dir, { recursive: true, force: true });
    await this.#copy(node, dir);
    copyAll(this.#state.nodeDir(node), dir, KEYS);
    return dir;
  }

  /** Copies the database of a running node while it stands still: what a loss of power would leave. */
  async #copy(node: NodeId, to: string): Promise<void> {
    this.#processes.pause(node);
    try {
      await setTimeout(STANDSTILL_MS);
      copyAll(this.#state.nodeDir(node), to, FILES);
    } finally {
      this.#processes.resume(node);
    }
  }

  #dirOf(node: NodeId): string {
    return join(this.#state.nodeDir(node), "snapshot");
  }
}

function copyAll(from: string, to: string, files: readonly string[]): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const file of files) {
    rmSync(join(to, file), { force: true });
    if (existsSync(join(from, file))) copyFileSync(join(from, file), join(to, file));
  }
}
