import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("a command whose reader goes away ends without a word", async () => {
  const bin = fileURLToPath(new URL("../bin/quorate.mjs", import.meta.url));
  const command = spawn(process.execPath, [bin, "plan", "--candidates", "eu", "--top", "5"]);
  command.stdout.destroy();
  let said = "";
  command.stderr.on("data", (text) => {
    said += text;
  });
  const [code] = await once(command, "close");
  expect([code, said]).toEqual([0, ""]);
});
