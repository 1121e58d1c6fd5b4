import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const QUORATE = join(ROOT, "packages/cli/bin/quorate.mjs");
const IMAGE = "quorate:local";
const MAX_OUTPUT_BYTES = 1 << 24;

/** How a command ended. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The network of docker-compose.yml, with a directory, a project and a port of its own. */
export class ContainerNetwork implements AsyncDisposable {
  readonly dir: string;
  readonly #compose: readonly string[];
  #env: NodeJS.ProcessEnv;

  private constructor(dir: string, compose: readonly string[], env: NodeJS.ProcessEnv) {
    this.dir = dir;
    this.#compose = compose;
    this.#env = env;
  }

  /** Builds the image of this checkout and starts it. @throws Error saying what is missing, and how to get it */
  static async start(allowFaults: "yes" | "no" = "yes"): Promise<ContainerNetwork> {
    const compose = await needed();
    await must("docker", ["build", "--network", "host", "-f", "scripts/container/Dockerfile", "-t", IMAGE, "."], {
      cwd: ROOT,
    });
    const dir = mkdtempSync(join(tmpdir(), "quorate-containers-"));
    copyFileSync(join(ROOT, "docker-compose.yml"), join(dir, "docker-compose.yml"));
    const uid = process.getuid?.() ?? 0;
    const network = new ContainerNetwork(dir, compose, {
      ...process.env,
      ...(uid === 0 ? {} : { QUORATE_UID: String(uid), QUORATE_GID: String(process.getgid?.() ?? uid) }),
      QUORATE_DIR: join(dir, ".quorate"),
      QUORATE_PORT: String(20_000 + (randomBytes(2).readUInt16BE() % 12_000)),
      COMPOSE_PROJECT_NAME: `quorate-${randomBytes(4).toString("hex")}`,
    });
    await network.json("init", "--containers");
    await network.up(allowFaults);
    network.#env = { ...network.#env, ...(await network.json<NodeJS.ProcessEnv>("env", "--containers")) };
    return network;
  }

  /** Starts the containers anew where they were started otherwise. @returns once they are healthy */
  async up(allowFaults: "yes" | "no"): Promise<void> {
    const env = { ...this.#env, QUORATE_ALLOW_FAULTS: allowFaults };
    await must(this.#compose[0]!, [...this.#compose.slice(1), "up", "-d"], { cwd: this.dir, env });
    while (!(await this.#isHealthy())) await new Promise((resolve) => setTimeout(resolve, 500));
  }

  /** Runs `quorate` on these containers. */
  run(...args: readonly string[]): Promise<Ran> {
    return ran(process.execPath, [QUORATE, ...args], { env: this.#env });
  }

  /** Runs `quorate --json`. @returns what it prints @throws Error unless it ends with 0 */
  async json<T>(...args: readonly string[]): Promise<T> {
    const { code, stdout, stderr } = await this.run("--json", ...args);
    if (code !== 0) throw new Error(`quorate ${args.join(" ")} ended with ${code}: ${stdout}${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** The state of each container that Docker has, by service, such as `running`, `paused` or `exited`. */
  async states(): Promise<Readonly<Record<string, string>>> {
    const rows = await this.#list("{{.State}}");
    return Object.fromEntries(rows);
  }

  /** Runs a program in the container of a service. */
  async exec(service: string, ...args: readonly string[]): Promise<Ran> {
    const [, id = ""] = (await this.#list("{{.ID}}")).find(([name]) => name === service) ?? [];
    return ran("docker", ["exec", id, ...args], {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await ran(this.#compose[0]!, [...this.#compose.slice(1), "down", "--volumes"], { cwd: this.dir, env: this.#env });
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #isHealthy(): Promise<boolean> {
    const statuses = await this.#list("{{.Status}}");
    return statuses.length === 6 && statuses.every(([, status]) => status?.includes("(healthy)"));
  }

  async #list(column: string): Promise<readonly (readonly string[])[]> {
    const project = `label=com.docker.compose.project=${this.#env.COMPOSE_PROJECT_NAME}`;
    const format = `{{.Label "com.docker.compose.service"}}\t${column}`;
    const listed = await must("docker", ["ps", "--all", "--filter", project, "--format", format], {});
    return listed
      .trim()
      .split("\n")
      .map((line) => line.split("\t"));
  }
}

/** Looks for what these tests need. @returns the command of Compose */
async function needed(): Promise<readonly string[]> {
  const docker = await ran("docker", ["version", "--format", "{{.Server.Version}}"], {});
  if (docker.code !== 0) {
    throw new Error(
      `these tests need Docker, and it does not answer: ${docker.stderr.trim()}\n` +
        "install it and start its daemon (Debian: apt-get install docker.io docker-compose); npm test does without",
    );
  }
  for (const compose of [["docker", "compose"], ["docker-compose"]]) {
    if ((await ran(compose[0]!, [...compose.slice(1), "version"], {})).code === 0) return compose;
  }
  throw new Error(
    "these tests need Compose, and there is neither docker compose nor docker-compose: " +
      "install one (Debian: apt-get install docker-compose)",
  );
}

type Where = { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv };

async function ran(program: string, args: readonly string[], where: Where): Promise<Ran> {
  try {
    return { code: 0, ...(await promisify(execFile)(program, args, { ...where, maxBuffer: MAX_OUTPUT_BYTES })) };
  } catch (error) {
    const { code, stdout = "", stderr = "", message } = error as Error & Partial<Ran>;
    return { code: typeof code === "number" ? code : 1, stdout, stderr: stderr === "" ? message : stderr };
  }
}

async function must(program: string, args: readonly string[], where: Where): Promise<string> {
  const { code, stdout, stderr } = await ran(program, args, where);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}: ${stdout}${stderr}`);
  return stdout;
}
