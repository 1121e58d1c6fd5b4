import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { LocalCluster } from "../cluster/local-cluster.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a program in a shell that sourced what `up` wrote. */
function run(env: string, program: string): Promise<string> {
  const script = '. "$0" && exec "$1" "$2"';
  return new Promise((resolve, reject) => {
    execFile("sh", ["-c", script, env, process.execPath, program], { cwd: ROOT }, (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(`${error.message}\n${stderr}`)),
    );
  });
}

it("the program in the README signs, copied as it stands, and so does it with a verifying signer", async () => {
  const section = readFileSync(join(ROOT, "README.md"), "utf8").split("## Use it from your application")[1]!;
  const [plain = "", verifying = ""] = [...section.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);
  const again =
    'const named = await safe.keys.createKey({ body: { scheme: "EdDSA", curve: "ed25519" } });\nconsole.log(named.id);\n';
  await using cluster = await LocalCluster.start("--no-regions");
  await cluster.pairs();
  const program = join(ROOT, `test/api/.readme-${process.pid}.mjs`);
  try {
    writeFileSync(program, `${plain}\n${verifying}\n${again}`);
    const [first, second] = (await run(join(cluster.dir, "env"), program)).trim().split("\n");
    expect(first).toMatch(/^0x[0-9a-fA-F]{40} Signed 0x[0-9a-f]{130}$/);
    expect(second).toMatch(/^key-/);
  } finally {
    rmSync(program, { force: true });
  }
}, 240_000);
