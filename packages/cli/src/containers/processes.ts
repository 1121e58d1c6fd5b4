import type { ActiveFault } from "@quorate/faults";
import type { NodeId } from "@quorate/orders";
import { CliError, EXIT } from "../exit.ts";
import type { FaultQuestion, FaultyProcesses } from "../faults/processes.ts";
import type { ProcessStatus } from "../supervisor.ts";
import { docker } from "./docker.ts";

/** As docker-compose.yml has it: `--data=/data`. */
const SOCKET = "/data/faults.sock";
const ASK = "packages/cli/src/process/ask.ts";
/** How long a container may take from its start until its process takes faults, milliseconds. */
const START_MS = 60_000;

/** What the asking program prints. */
interface Said {
  readonly status?: number;
  readonly body?: { readonly message: string; readonly hint?: string; readonly exitCode?: number };
  /** A code of the system. */
  readonly problem?: string;
}

interface Container {
  readonly id: string;
  readonly allowsFaults: boolean;
}

/** The processes of docker-compose.yml: Docker kills, pauses and starts them; other faults they are told of on a socket of their own. */
export class ContainerProcesses implements FaultyProcesses {
  readonly #containers: ReadonlyMap<NodeId, Container>;
  /** Called when a process was started again. */
  onChange: (status: Pick<ProcessStatus, "name" | "state">) => Promise<void> = () => Promise.resolve();
  /** Those that were paused here, until they go on. */
  readonly #paused = new Map<NodeId, PromiseWithResolvers<void>>();

  private constructor(containers: ReadonlyMap<NodeId, Container>) {
    this.#containers = containers;
  }

  /** Finds the containers of these nodes: services of one Compose project, named as they are. @throws CliError if they are not there */
  static async find(nodes: readonly NodeId[]): Promise<ContainerProcesses> {
    const labels = ["service", "project"].map((name) => `{{.Label "com.docker.compose.${name}"}}`);
    const listed = await docker("ps", "--all", "--no-trunc", "--format", ["{{.ID}}", ...labels].join("\t"));
    const wanted = process.env.COMPOSE_PROJECT_NAME;
    const rows = listed
      .split("\n")
      .map((line) => line.split("\t"))
      .filter(([, service = "", project]) => nodes.includes(service) && (wanted === undefined || wanted === project));
    const projects = new Set(rows.map(([, , project]) => project));
    if (projects.size > 1) {
      const hint = "set COMPOSE_PROJECT_NAME to the one that is meant";
      throw new CliError(EXIT.usage, `there are containers of ${[...projects].join(" and ")}`, hint);
    }
    const missing = nodes.filter((node) => !rows.some(([, service]) => service === node));
    if (missing.length > 0) throw new CliError(EXIT.unavailable, `no container of ${missing.join(", ")}`, START);
    const args = await docker("inspect", "--format", "{{json .Args}}", ...rows.map(([id = ""]) => id));
    const allowing = args
      .split("\n")
      .map((one) => (JSON.parse(one) as readonly string[]).includes("--allow-faults=yes"));
    const containers = rows.map(([id = "", service = ""], at) => {
      return [service, { id, allowsFaults: allowing[at] === true }] as const;
    });
    return new ContainerProcesses(new Map(containers));
  }

  get nodes(): readonly NodeId[] {
    return [...this.#containers.keys()];
  }

  async crash(node: NodeId): Promise<void> {
    if (await this.runs(node)) await docker("kill", this.#id(node));
    await docker("wait", this.#id(node));
  }

  async restart(node: NodeId): Promise<void> {
    if (await this.runs(node)) return;
    await this.onChange({ name: node, state: "stopped" });
    await docker("start", this.#id(node));
    await this.tell(node, { action: "ls" });
    await this.onChange({ name: node, state: "ready" });
  }

  async pause(node: NodeId): Promise<void> {
    await docker("pause", this.#id(node));
    this.#paused.set(node, Promise.withResolvers());
  }

  /** Whether Docker has it stand still, or it stopped itself in a round. */
  async resume(node: NodeId): Promise<void> {
    const state = await this.state(node);
    if (state === "paused") await docker("unpause", this.#id(node));
    this.#paused.get(node)?.resolve();
    this.#paused.delete(node);
    if (state !== "running") return;
    await docker("kill", "--signal", "CONT", this.#id(node));
    // What had it stop is not for the next session as well; a process that stood still could not say its name.
    for (const { id, fault } of await this.tell(node, { action: "ls" })) {
      if (fault.kind === "pause") await this.tell(node, { action: "clear", id });
    }
  }

  async runs(node: NodeId): Promise<boolean> {
    const state = await this.state(node);
    return state === "running" || state === "paused";
  }

  /** `running`, `paused`, `exited`, and what else Docker says. */
  state(node: NodeId): Promise<string> {
    return docker("inspect", "--format", "{{.State.Status}}", this.#id(node));
  }

  /** One that was paused here hears of it once it goes on. */
  async tell(node: NodeId, question: FaultQuestion): Promise<readonly ActiveFault[]> {
    await this.#paused.get(node)?.promise;
    const { id, allowsFaults } = this.#container(node);
    if (!allowsFaults) throw new CliError(EXIT.safety, `${node} was started without --allow-faults=yes`, ALLOW);
    // A process that was just started has no socket yet.
    const ask = ["node", ASK, SOCKET, JSON.stringify(question), String(START_MS)];
    const { status, body, problem } = JSON.parse(await docker("exec", id, ...ask)) as Said;
    if (status === 200) return body as unknown as readonly ActiveFault[];
    if (body !== undefined) {
      throw new CliError(body.exitCode ?? EXIT.environment, `${node}: ${body.message}`, body.hint);
    }
    throw new CliError(EXIT.unavailable, `${node} does not answer (${problem})`, RESUME);
  }

  #id(node: NodeId): string {
    return this.#container(node).id;
  }

  #container(node: NodeId): Container {
    const container = this.#containers.get(node);
    if (container !== undefined) return container;
    throw new CliError(EXIT.usage, `no container of ${node}`, `there are ${this.nodes.join(", ")}`);
  }
}

const START = "docker compose up -d starts them; COMPOSE_PROJECT_NAME names a project that is not this directory's";
const RESUME = "quorate fault clear pause --containers has it go on";
const ALLOW = "QUORATE_ALLOW_FAULTS=yes docker compose up -d starts containers that allow faults";
