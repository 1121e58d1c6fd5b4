import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { quorate, until } from "./local-cluster.ts";

const MINUTES = 60_000;
const PROCESS = fileURLToPath(new URL("../../packages/cli/src/process", import.meta.url));
/** Longer than a signer waits for others before it serves alone. */
const START_MS = 60_000;

const dir = mkdtempSync(join(tmpdir(), "quorate-socket-"));
const network = join(dir, "containers", "network.json");
const data = join(dir, "containers", "nodes", "ohio");
const socket = join(data, "faults.sock");
let signer: Unsupervised;

/** A signer as a container has it: nobody supervises it. */
interface Unsupervised {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<unknown>;
}

function start(...options: readonly string[]): Unsupervised {
  const args = ["signer", "--network", network, "--self", "ohio", "--data", data, "--listen", "/ip4/127.0.0.1/tcp/0"];
  const child = spawn(process.execPath, [join(PROCESS, "main.ts"), ...args, ...options], { stdio: "pipe" });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += String(chunk)));
  return { child, said: () => said, ended: new Promise((resolve) => child.once("exit", resolve)) };
}

/** Asks with the program that runs beside the process in its container. */
function asked(question: unknown, waitMs = 0): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const args = [join(PROCESS, "ask.ts"), socket, JSON.stringify(question), String(waitMs)];
    execFile(process.execPath, args, (error, stdout) => (error === null ? resolve(JSON.parse(stdout)) : reject(error)));
  });
}

/** Sends anything at all. */
function posted(text: string): Promise<{ readonly status: number | undefined; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: socket, method: "POST", path: "/fault" }, async (response) => {
      let answer = "";
      for await (const chunk of response.setEncoding("utf8")) answer += String(chunk);
      resolve({ status: response.statusCode, text: answer });
    });
    sent.once("error", reject).end(text);
  });
}

beforeAll(async () => {
  await quorate("--dir", dir, "init", "--containers");
  signer = start("--allow-faults=yes");
  await asked({ action: "ls" }, START_MS);
}, 2 * MINUTES);

afterAll(async () => {
  if (signer.child.kill("SIGKILL")) await signer.ended;
  rmSync(dir, { recursive: true, force: true });
});

describe("a process that nobody supervises, started with --allow-faults", () => {
  it(
    "takes faults on a socket for its own user alone, and has them until they are cleared",
    async () => {
      expect(statSync(socket).mode & 0o777).toBe(0o600);
      const fault = { kind: "wrong-share", node: "ohio" };
      const inForce = { status: 200, body: [{ id: "f1", fault }] };
      expect(await asked({ action: "inject", id: "f1", fault })).toEqual(inForce);
      expect(await asked({ action: "ls" })).toEqual(inForce);
      expect(await asked({ action: "clear", id: "f1" })).toEqual({ status: 200, body: [] });
    },
    MINUTES,
  );

  const inject = (fault: unknown, id: unknown = "f1") => JSON.stringify({ action: "inject", id, fault });
  it.each([
    ["what is not JSON", "{", "not JSON"],
    ["what is too long", `"${"x".repeat(1 << 16)}"`, "too long"],
    ["nothing", "null", "action:"],
    ["an action that there is not", '{"action":"explode"}', "action:"],
    ["an id that is a path", inject({ kind: "wrong-share", node: "ohio" }, "../x"), "id:"],
    ["an id that is a number", inject({ kind: "wrong-share", node: "ohio" }, 7), "id:"],
    ["no id", '{"action":"inject","fault":{"kind":"wrong-share","node":"ohio"}}', "id:"],
    ["an id without end", JSON.stringify({ action: "clear", id: "x".repeat(33) }), "id:"],
    ["no fault", '{"action":"inject","id":"f1"}', "fault:"],
    ["a fault that there is not", inject({ kind: "explode", node: "ohio" }), "kind:"],
    ["a fault of nobody", inject({ kind: "wrong-share" }), "node:"],
    ["a fault of a stranger", inject({ kind: "wrong-share", node: "tokyo" }), "node:"],
    ["a fault of another node", inject({ kind: "wrong-share", node: "ireland" }), "node:"],
    ["a fault of coordinators", inject({ kind: "coordinator:twice" }), "node:"],
    ["a fault of a link of others", inject({ kind: "partition", link: "ireland->frankfurt" }), "link:"],
    ["a value out of bounds", inject({ kind: "loss", link: "ohio", probability: 2 }), "probability:"],
    ["a crash at once, which is not its own to do", inject({ kind: "crash", node: "ohio" }), "kind:"],
    ["a rollback of its files", inject({ kind: "rollback", node: "ohio" }), "kind:"],
  ])("refuses %s, says which field it is, and has nothing in force", async (_, text, words) => {
    const refused = await posted(text);
    expect([refused.status, JSON.parse(refused.text)]).toEqual([
      400,
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining(words) }),
    ]);
    expect(await posted('{"action":"ls"}')).toEqual({ status: 200, text: "[]" });
  });

  it(
    "answers nobody while it stands still, and whoever asks is told so",
    async () => {
      signer.child.kill("SIGSTOP");
      expect(await asked({ action: "ls" })).toEqual({ problem: "ETIMEDOUT" });
      signer.child.kill("SIGCONT");
      expect(await asked({ action: "ls" })).toEqual({ status: 200, body: [] });
    },
    MINUTES,
  );
});

describe("a process that nobody supervises, started without --allow-faults", () => {
  it(
    "has no socket, and removes the one that an earlier process left",
    async () => {
      signer.child.kill("SIGKILL");
      await signer.ended;
      expect(existsSync(socket)).toBe(true);
      signer = start("--allow-faults=no");
      await until(() => !existsSync(socket));
      expect(await asked({ action: "ls" })).toEqual({ problem: "ENOENT" });
      expect(signer.said()).toContain("node.started");
    },
    2 * MINUTES,
  );

  it(
    "does not start with --allow-faults=perhaps, and says what belongs there",
    async () => {
      const { said, ended } = start("--allow-faults=perhaps");
      expect(await ended).toBe(2);
      expect(said()).toContain("--allow-faults perhaps: yes or no belongs here");
    },
    MINUTES,
  );
});

describe("docker-compose.yml", () => {
  it("allows no faults in any container unless QUORATE_ALLOW_FAULTS says so", () => {
    const compose = readFileSync(new URL("../../docker-compose.yml", import.meta.url), "utf8");
    const processes = compose.match(/^ {4}command:$/gm) ?? [];
    const allowed = compose.match(/--allow-faults.*$/gm) ?? [];
    expect(allowed).toEqual(processes.map(() => "--allow-faults=$" + "{QUORATE_ALLOW_FAULTS:-no}"));
    const image = readFileSync(new URL("../../scripts/container/Dockerfile", import.meta.url), "utf8");
    expect(image).not.toContain("allow-faults");
  });
});
