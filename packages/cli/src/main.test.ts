import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { expect, it } from "vitest";
import { registerCommands } from "./command-files.ts";

/** Starts the command. @returns its process, and what it has said on standard error once it has ended */
function start(...line: readonly string[]) {
  const bin = fileURLToPath(new URL("../bin/quorate.mjs", import.meta.url));
  const command = spawn(process.execPath, [bin, ...line]);
  let said = "";
  command.stderr.on("data", (text) => {
    said += text;
  });
  return { command, ended: once(command, "close").then(([code]) => [code, said]) };
}

it("a command whose reader goes away ends without a word", async () => {
  const { command, ended } = start("plan", "--candidates", "eu", "--top", "5");
  command.stdout.destroy();
  expect(await ended).toEqual([0, ""]);
});

it("a command has nothing loaded that others need", async () => {
  const program = new Command("quorate");
  await registerCommands(program, ["--json", "status"]);
  expect(program.commands.map((command) => command.name())).toEqual(["status", "restart"]);
});

// It loads all commands: on a machine that does much else besides, that takes its time.
it("a word that is no command is held against all that there are", { timeout: 180_000 }, async () => {
  expect(await start("restrat", "ohio").ended).toEqual([2, expect.stringMatching(/unknown command.*restart/s)]);
});
