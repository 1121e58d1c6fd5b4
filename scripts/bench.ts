// Runs every bench of the rooms, one after another, each in a process of its own. `npm run bench -- <room>` runs one room's,
// `npm run bench -- <name>` the one of that name, such as `scale`; `weather`, which takes a quarter of an hour, only so.
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const wanted = process.argv[2];

function roomOf(path: string): string {
  return path.startsWith("test/") ? "test" : path.split("/")[1]!;
}

const all = globSync(["packages/*/bench/*.bench.ts", "test/bench/*.bench.ts"], { cwd: root }).sort();
const nameOf = (path: string) => basename(path, ".bench.ts");
const chosen = all.filter((path) =>
  wanted === undefined ? nameOf(path) !== "weather" : [roomOf(path), nameOf(path)].includes(wanted),
);

if (chosen.length === 0) {
  const rooms = [...new Set(all.map(roomOf))].join(", ") || "none";
  console.error(`no bench${wanted === undefined ? "" : ` of ${wanted}`}; rooms with one: ${rooms}`);
  process.exitCode = 2;
} else {
  console.log(`Node ${process.version}, ${availableParallelism()} x ${cpus()[0]?.model.trim() ?? "unknown processor"}`);
  const failed = chosen.filter((path) => {
    console.log(`\n== ${path}\n`);
    const { status } = spawnSync(process.execPath, [join(root, path)], { cwd: root, stdio: "inherit" });
    return status !== 0;
  });
  if (failed.length > 0) console.error(`\nfailed: ${failed.join(", ")}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
