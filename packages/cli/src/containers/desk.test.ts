import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { ActiveFault, Fault } from "@quorate/faults";
import type { NetworkFile } from "@quorate/orders";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../exit.ts";
import type { FaultRequest } from "../faults/handlers.ts";
import { containerFaults } from "./desk.ts";

/** Stands in for Docker: a container is a few files, and whoever is asked in one is written down. */
const DOCKER = `#!/bin/sh
cd "$(dirname "$0")"
case "$1" in
  ps) cat ps ;;
  inspect) case "$3" in *Args*) shift 3; for id; do cat "$id.args"; done ;; *) cat "$4.state" ;; esac ;;
  exec)
    if [ "$(cat "$2.state")" != running ]; then echo "Container $2 is paused, unpause the container before exec" >&2; exit 1; fi
    echo "$2 $6" >> asked
    cat "$2.answer" ;;
  kill) if [ "$2" = --signal ]; then echo "$4 $3" >> signals; mv "$4.then" "$4.answer"; else echo exited > "$2.state"; fi ;;
  pause) echo paused > "$2.state" ;;
  unpause | start) echo running > "$2.state" ;;
esac
`;
const NODES = ["coordinator", "ohio", "paris", "london"];
const node = (name: string, region: string) => ({
  ...{ name, region, operator: "acme" },
  ...{ publicKey: "00".repeat(32), addresses: [`/dns4/${name}/tcp/4100`] },
});
const NETWORK: NetworkFile = {
  ...{ format: 1, networkId: "test", coordinator: node("coordinator", "virginia") },
  nodes: [node("ohio", "ohio"), node("paris", "paris"), node("london", "london")],
  operators: [{ name: "acme", publicKey: "00".repeat(32) }],
  ...{ organisations: [], defaults: { minSigners: 2, maxSigners: 3 } },
};
const { PATH, COMPOSE_PROJECT_NAME } = process.env;
const PARTITION: Fault = { kind: "partition", link: "ohio<->paris" };

let dir: string;

const file = (name: string, text: string) => writeFileSync(join(dir, name), `${text}\n`);
const state = (name: string) => readFileSync(join(dir, `${name}-id.state`), "utf8").trim();
const asked = () =>
  readFileSync(join(dir, "asked"), "utf8")
    .trim()
    .split("\n")
    .map((line) => line.replace("-id", ""));
const answer = (name: string, said: unknown) => file(`${name}-id.answer`, JSON.stringify(said));
const has = (name: string, ...faults: readonly ActiveFault[]) => answer(name, { status: 200, body: faults });
/** What the next command would have of them. */
const ask = (request: FaultRequest) => containerFaults(NETWORK, () => {})(request);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "quorate-docker-"));
  writeFileSync(join(dir, "docker"), DOCKER);
  chmodSync(join(dir, "docker"), 0o755);
  process.env.PATH = `${dir}${delimiter}${PATH}`;
  delete process.env.COMPOSE_PROJECT_NAME;
  const rows = NODES.map((name) => `${name}-id\t${name}\tmine`);
  file("ps", [...rows, "other-id\tdatabase\tother"].join("\n"));
  file("asked", "");
  for (const name of NODES) {
    file(`${name}-id.args`, '["signer","--allow-faults=yes"]');
    file(`${name}-id.state`, "running");
    has(name);
  }
});

afterEach(() => {
  process.env.PATH = PATH;
  if (COMPOSE_PROJECT_NAME !== undefined) process.env.COMPOSE_PROJECT_NAME = COMPOSE_PROJECT_NAME;
  // A container that was asked beside one that refused may still be answering.
  rmSync(dir, { recursive: true, force: true, maxRetries: 10 });
});

describe("faults of containers", () => {
  it("are Docker's where they are of a whole process, and others told to those that have them", async () => {
    const request = containerFaults(NETWORK, () => {});
    await request({ action: "inject", fault: { kind: "crash", node: "ohio" } });
    await request({ action: "inject", fault: { kind: "pause", node: "london" } });
    expect(NODES.map(state)).toEqual(["running", "exited", "running", "paused"]);
    const [silent] = (await request({ action: "inject", fault: { kind: "silent", node: "paris" } })) as ActiveFault[];
    const told = { action: "inject", id: silent?.id, fault: { kind: "silent", node: "paris" } };
    expect(asked().at(-1)).toBe(`paris ${JSON.stringify(told)}`);
    await request({ action: "clear" });
    expect(NODES.map(state)).toEqual(NODES.map(() => "running"));
    expect(await request({ action: "ls" })).toEqual([]);
  });

  it("that an earlier command left are known to the next, which ends them", async () => {
    for (const name of ["ohio", "paris"]) has(name, { id: "f1", fault: PARTITION });
    file("coordinator-id.state", "exited");
    file("london-id.state", "paused");
    expect(await ask({ action: "ls" })).toMatchObject([
      { id: "crash-coordinator", nodes: ["coordinator"] },
      { id: "f1", fault: PARTITION, nodes: ["ohio", "paris"] },
      { id: "pause-london", nodes: ["london"] },
    ]);
    await ask({ action: "clear" });
    expect(NODES.map(state)).toEqual(NODES.map(() => "running"));
    const clear = JSON.stringify({ action: "clear", id: "f1" });
    expect(asked()).toEqual(expect.arrayContaining([`ohio ${clear}`, `paris ${clear}`]));
  });

  it("are told again to a container that was down, unless they are what it fell by", async () => {
    has("ohio", { id: "f1", fault: PARTITION }, { id: "f2", fault: { kind: "crash", node: "ohio", round: 2 } });
    has("paris", { id: "f1", fault: PARTITION }, { id: "f2", fault: { kind: "crash", node: "*", round: 2 } });
    file("ohio-id.state", "exited");
    await ask({ action: "clear", which: "crash-ohio" });
    const again = asked().filter((line) => line.includes("inject"));
    expect(again).toEqual([`ohio ${JSON.stringify({ action: "inject", id: "f1", fault: PARTITION })}`]);
  });

  it("of one that stopped itself in a round end with a signal to go on, and do not stop it again", async () => {
    answer("paris", { problem: "ETIMEDOUT" });
    const pause: ActiveFault = { id: "f7", fault: { kind: "pause", node: "paris", round: 3 } };
    file("paris-id.then", JSON.stringify({ status: 200, body: [{ id: "f6", fault: PARTITION }, pause] }));
    await ask({ action: "clear" });
    expect(readFileSync(join(dir, "signals"), "utf8")).toBe("paris-id CONT\n");
    const cleared = asked().filter((line) => line.includes("clear"));
    expect(cleared).toEqual([`paris ${JSON.stringify({ action: "clear", id: "f7" })}`]);
  });

  it("are refused, and begin nowhere, when a container was started without", async () => {
    file("paris-id.args", '["signer","--allow-faults=no"]');
    await expect(ask({ action: "inject", fault: { kind: "crash", node: "ohio" } })).rejects.toMatchObject({
      exitCode: EXIT.safety,
      message: expect.stringContaining("paris"),
      hint: expect.stringContaining("QUORATE_ALLOW_FAULTS=yes"),
    });
    expect(state("ohio")).toBe("running");
  });

  it("are refused with what the process says, and end where they had begun", async () => {
    answer("paris", { status: 400, body: { message: "link: no", hint: "another", exitCode: EXIT.usage } });
    await expect(ask({ action: "ls" })).rejects.toMatchObject({ message: "paris: link: no", hint: "another" });
  });

  it.each(["rollback", "clone"] as const)("do not include %s", async (kind) => {
    const request = { action: "inject", fault: { kind, node: "ohio" }, forMs: 1000 } as const;
    await expect(ask(request)).rejects.toThrow(`${kind} is not for containers`);
  });

  it("need all containers of the network, of one project", async () => {
    const ps = readFileSync(join(dir, "ps"), "utf8");
    file("ps", ps.replace("paris-id", "x").replace("\tparis\t", "\tlyon\t"));
    await expect(ask({ action: "ls" })).rejects.toThrow("no container of paris");
    file("ps", `${ps}ohio-2\tohio\tanother`);
    await expect(ask({ action: "ls" })).rejects.toThrow("there are containers of mine and another");
    process.env.COMPOSE_PROJECT_NAME = "mine";
    expect(await ask({ action: "ls" })).toEqual([]);
  });

  it("need Docker", async () => {
    process.env.PATH = join(dir, "nowhere");
    await expect(ask({ action: "ls" })).rejects.toMatchObject({
      ...{ exitCode: EXIT.environment, message: "there is no docker command here", hint: "install Docker" },
    });
  });
});
