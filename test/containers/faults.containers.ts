import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ContainerNetwork } from "./container-network.ts";

const MINUTES = 60_000;
let network: ContainerNetwork;

beforeAll(async () => {
  network = await ContainerNetwork.start();
}, 15 * MINUTES);
afterAll(async () => network?.[Symbol.asyncDispose](), 5 * MINUTES);

interface Outcome {
  readonly findings: readonly { readonly verdict: string; readonly expected: string; readonly text: string }[];
  readonly asked: number;
}

/** Waits until a key is made: what broke before is whole again. */
async function whole(): Promise<void> {
  const name = `whole-${Date.now().toString(36)}`;
  await expect.poll(async () => (await create(name)).code, { timeout: 3 * MINUTES, interval: 1000 }).toBe(0);
}

/** Runs a scenario. @returns what it found, with how it ended */
async function scenario(name: string): Promise<Outcome & { readonly code: number }> {
  const args = ["scenario", "run", `packages/cli/scenarios/${name}.yaml`, "--layer", "containers"];
  const { code, stdout, stderr } = await network.run("--json", ...args);
  const outcome = JSON.parse(stdout) as Outcome;
  if (outcome.findings === undefined) throw new Error(`${name} ended with ${code}: ${stdout}${stderr}`);
  return { ...outcome, code };
}

const inject = (...words: readonly string[]) => network.json("fault", "inject", ...words, "--containers");
const create = (name: string) => network.run("--json", "keys", "create", "--scheme", "EdDSA", "--name", name);
const sign = (key: string) => network.run("--json", "sign", key, "--message", "in a container");

describe("a scenario on containers", () => {
  beforeEach(whole, 4 * MINUTES);

  it.each([
    ["crash-of-two", 43],
    ["partition-of-a-region", 43],
    ["pause-of-30-seconds", 43],
    ["flapping-link", 43],
    ["wrong-share", 23],
    ["lying-coordinator", 33],
    ["loss-of-10-percent", 43],
  ])(
    "of the file %s does all of it, and comes to what the file expects",
    async (name, requests) => {
      const { code, asked, findings } = await scenario(name);
      const verdicts = findings.filter((one) => one.verdict !== "passed");
      // From outside not every property can be seen.
      expect(verdicts).toEqual([
        { verdict: "skipped", expected: expect.stringMatching(/^properties:/), text: expect.any(String) },
      ]);
      expect([code, asked]).toEqual([0, requests]);
    },
    5 * MINUTES,
  );

  it(
    "skips a rollback, says so, and is not passed",
    async () => {
      const { findings } = await scenario("rollback");
      const skipped = findings.find((one) => one.expected.startsWith("rollback"));
      expect(skipped).toMatchObject({ verdict: "skipped", text: expect.stringContaining("containers cannot do it") });
    },
    5 * MINUTES,
  );
});

describe("a container that is broken by hand", () => {
  beforeEach(whole, 4 * MINUTES);
  afterEach(async () => {
    await network.json("fault", "clear", "--containers");
  }, 3 * MINUTES);

  it(
    "is killed, paused and told of lies, shows all of that to the next command, and is whole once they are cleared",
    async () => {
      await inject("crash", "--node", "virginia");
      await inject("pause", "--node", "ireland");
      await inject("equivocate", "--node", "ohio");
      expect(await network.states()).toMatchObject({ virginia: "exited", ireland: "paused", ohio: "running" });
      const { faults } = await network.json<{ faults: readonly { text: string }[] }>("fault", "ls", "--containers");
      expect(faults.map((one) => one.text).sort()).toEqual(["crash virginia", "equivocate ohio", "pause ireland"]);
      await network.json("fault", "clear", "--containers");
      expect(new Set(Object.values(await network.states()))).toEqual(new Set(["running"]));
      expect(await network.json("fault", "ls", "--containers")).toEqual({ faults: [] });
    },
    5 * MINUTES,
  );

  it(
    "crashes, or stands still, in the round that the fault names, and goes on once it ends",
    async () => {
      await inject("crash", "--node", "montreal", "--round", "3");
      expect((await network.states()).montreal).toBe("running");
      expect((await create("crashed")).code).not.toBe(0);
      expect((await network.states()).montreal).toBe("exited");
      await network.json("fault", "clear", "--containers");
      await inject("pause", "--node", "montreal", "--round", "3");
      expect((await create("paused")).code).not.toBe(0);
      await network.json("fault", "clear", "--containers");
      await whole();
    },
    8 * MINUTES,
  );

  it(
    "is named when it equivocates in key generation, and keys are made again afterwards",
    async () => {
      await inject("equivocate", "--node", "montreal");
      const { code, stdout } = await create("two-faced");
      expect([code, JSON.parse(stdout)]).toEqual([4, { error: expect.objectContaining({ culprits: ["montreal"] }) }]);
      await network.json("fault", "clear", "--containers");
      await whole();
    },
    5 * MINUTES,
  );

  it(
    "is one too many when three of five are down: requests are refused with their names, and signed once they are back",
    async () => {
      const { code } = await create("lost");
      expect(code).toBe(0);
      for (const node of ["virginia", "ohio", "ireland"]) await inject("crash", "--node", node);
      const refused = await sign("lost");
      expect(refused.code).toBe(4);
      for (const node of ["virginia", "ohio", "ireland"]) expect(refused.stdout).toContain(node);
      await network.json("fault", "clear", "--containers");
      await expect.poll(async () => (await sign("lost")).code, { timeout: 2 * MINUTES }).toBe(0);
    },
    8 * MINUTES,
  );

  it(
    "has no space on its disk, computes slowly, or hears one way alone, and the network signs",
    async () => {
      expect((await create("hindered")).code).toBe(0);
      await inject("disk-full", "--node", "ireland");
      await inject("slow", "--node", "virginia", "--factor", "3");
      await inject("partition", "--from", "ohio", "--to", "coordinator");
      await expect.poll(async () => (await sign("hindered")).code, { timeout: 2 * MINUTES }).toBe(0);
    },
    5 * MINUTES,
  );

  it(
    "is not rolled back, and whoever asks is told who can be",
    async () => {
      const { code, stdout } = await network.run(
        ...["--json", "fault", "inject", "rollback", "--node", "ohio", "--for", "1s", "--containers"],
      );
      expect([code, stdout]).toEqual([2, expect.stringContaining("quorate up --allow-faults")]);
    },
    MINUTES,
  );
});

describe("containers as docker-compose.yml starts them by itself", () => {
  it(
    "take no faults and have no socket, and whoever asks is told how they would",
    async () => {
      await network.up("no");
      const { code, stdout } = await network.run(
        "--json",
        "fault",
        "inject",
        "silent",
        "--node",
        "ohio",
        "--containers",
      );
      expect([code, stdout]).toEqual([3, expect.stringContaining("QUORATE_ALLOW_FAULTS=yes docker compose up -d")]);
      const found = await network.exec("ohio", "find", "/data", "-type", "s");
      expect(found).toMatchObject({ code: 0, stdout: "" });
    },
    5 * MINUTES,
  );
});
