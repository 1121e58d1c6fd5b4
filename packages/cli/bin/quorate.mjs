#!/usr/bin/env node
// The `quorate` command. Node 20 syntax: on an older Node it only hands over to the checkout's own runtime.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const root = new URL("../../../", import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const isRecent = major > 24 || (major === 24 && minor >= 12);

function refuse(text) {
  process.stderr.write(`quorate: ${text}\n`);
  process.exit(5);
}

function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]) {
    // A terminal sends its Ctrl-C to the child as well: passed on, it would arrive twice.
    const isFromTerminal = process.stdin.isTTY && (signal === "SIGINT" || signal === "SIGQUIT");
    process.on(signal, () => isFromTerminal || child.kill(signal));
  }
  child.on("error", (error) => refuse(`the pinned runtime does not start (${error.message}). Run: npm install`));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

if (!existsSync(new URL("node_modules/@quorate", root))) {
  refuse("dependencies are not installed. In the checkout, run `npm start` or `npm install`");
} else if (isRecent) {
  module.enableCompileCache(fileURLToPath(new URL("node_modules/.cache/quorate", root)));
  await import("../src/main.ts");
} else {
  const pinned = fileURLToPath(new URL("node_modules/.bin/node", root));
  if (!existsSync(pinned)) refuse(`needs Node 24.12 or newer, this is ${process.version}. Run: npm install`);
  handOver(pinned);
}
