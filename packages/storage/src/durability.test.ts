import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { options } from "../test/options.ts";
import { createKeyFile, openSealedRecords } from "./key-file.ts";

// Killing a process shows that a commit is whole and acknowledged in the right order. Loss of power cannot be shown here:
// for that we rely on our own fdatasync of SQLite's log before a commit is answered.

/** Child processes start slowly on a busy machine. */
const PATIENCE_MS = 120_000;
const WRITER = join(import.meta.dirname, "../test/writer-process.ts");
let folder: string;
let path: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quorate-durability-"));
  path = join(folder, "node.db");
  file = join(folder, "storage.key");
  createKeyFile(file, options.random);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Kills a writer with SIGKILL after `enough` acknowledgements. @returns the batches that it acknowledged */
async function writeAndKill(first: number, enough: number): Promise<number[]> {
  const child = spawn(process.execPath, [WRITER, path, file, String(first)], { stdio: ["ignore", "pipe", "inherit"] });
  const acknowledged: number[] = [];
  const lines = createInterface(child.stdout);
  lines.on("line", (line) => {
    acknowledged.push(Number(line));
    if (acknowledged.length === enough) child.kill("SIGKILL");
  });
  await Promise.all([once(child, "exit"), once(lines, "close")]);
  return acknowledged;
}

/** The number of records of each batch that is there, after checking that each of them is whole. */
function wholeBatches(): Map<number, number> {
  const records = openSealedRecords(path, { file }, options);
  const found = new Map<number, number>();
  for (const { id, record } of records.list({ kind: "request", limit: 1_000_000 })) {
    const batch = Number(id.split("/")[0]);
    found.set(batch, (found.get(batch) ?? 0) + 1);
    expect(record.state === "present" && Number(new TextDecoder().decode(record.value))).toBe(1 + (batch % 7));
  }
  records.close();
  for (const [batch, count] of found) expect([batch, count]).toEqual([batch, 1 + (batch % 7)]);
  return found;
}

test(
  "kill -9 at any moment: every acknowledged batch is there, whole, and no half batch",
  async () => {
    let first = 0;
    const acknowledged: number[] = [];
    for (const enough of [1, 40, 300]) {
      acknowledged.push(...(await writeAndKill(first, enough)));
      const found = wholeBatches();
      expect(acknowledged.filter((batch) => !found.has(batch))).toEqual([]);
      first = Math.max(...found.keys()) + 1;
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(341);
  },
  PATIENCE_MS,
);

test(
  "a disk that refuses is io_error, the process serves on, and nothing acknowledged is lost",
  () => {
    const limited = `ulimit -f 512; exec "$0" "$@"`; // files of at most 512 blocks of 512 or 1024 bytes: writing beyond fails
    const args = ["-c", limited, process.execPath, WRITER, path, file, "0"];
    const { stdout, status } = spawnSync("sh", args, { encoding: "utf8" });
    const lines = stdout.trim().split("\n");
    expect(status).toBe(0);
    expect(lines.at(-1)).toBe("present");
    expect(lines).toContain("io_error");
    const acknowledged = lines.filter((line) => /^\d+$/.test(line)).map(Number);
    expect(acknowledged.length).toBeGreaterThan(10);
    const found = wholeBatches();
    expect(acknowledged.filter((batch) => !found.has(batch))).toEqual([]);
  },
  PATIENCE_MS,
);
