import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { captured } from "../testing/captured.ts";
import { lineOfLog } from "../traces/node-logs.ts";
import { registerScenario } from "./scenario.ts";
import { registerWhy } from "./why.ts";

const directory = mkdtempSync(join(tmpdir(), "quorate-why-"));
afterAll(() => rmSync(directory, { recursive: true }));

const trace = join(directory, "out.jsonl");
const why = (...argv: readonly string[]) => captured(registerWhy, "why", ...argv, "--trace", trace);

beforeAll(async () => {
  const scenario = join(directory, "scenario.yaml");
  const lines = [
    "topology: { regions: [ireland, frankfurt, london], minSigners: 2 }",
    "workload: { keys: [EdDSA], requests: 12, over: 12s }",
    "timeline:",
    "  - { at: 3s, for: 3s, fault: silent, node: london }",
    "  - { at: 6s, for: 6s, fault: 'coordinator:expired' }",
  ];
  writeFileSync(scenario, lines.join("\n"));
  await captured(registerScenario, "scenario", "run", scenario, "--trace", trace);
}, 60_000);

async function items(): Promise<readonly { readonly request: string; readonly summary: string }[]> {
  return JSON.parse((await why("--json")).stdout).items;
}

describe("quorate why", () => {
  it("tells who did not answer, and who was asked instead", async () => {
    const late = (await items()).find(({ summary }) => summary.includes("no answer from london"));
    const { stdout, exitCode } = await why(late!.request);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /was signed by ireland, frankfurt in .*, after 2 attempts \(before: no answer from london\)/,
    );
    expect(stdout).toMatch(/fault f1 begins: silent node=london/);
    expect(stdout).toMatch(
      /attempt 1 with ireland, london in one round trip, took .* ended: no answer from london; tried/,
    );
    expect(stdout).toMatch(/attempt 2 with ireland, frankfurt, without london this time, /);
  });

  it("tells who refused, and for what reason", async () => {
    const refused = (await items()).find(({ summary }) => summary.startsWith("failed"));
    const { stdout } = await why(refused!.request);
    expect(stdout).toMatch(/hears that (ireland|london|frankfurt) refuses sig-\S+: .+ \(\w+\)/);
    expect(stdout).toContain("fault f2 begins: coordinator:expired");
  });

  it("refuses a request of which nothing is told, and names some", async () => {
    const { stderr, exitCode } = await why("sig-none");
    expect(stderr).toContain("nothing is told of sig-none");
    expect(stderr).toContain("quorate why lists them, such as sig-");
    expect(exitCode).toBe(2);
  });
});

test("quorate why tells in which round an exchange of signers stood, and for whom it waited", async () => {
  const scenario = join(directory, "rounds.yaml");
  const rounds = join(directory, "rounds.jsonl");
  const lines = [
    "topology: { regions: [ireland, frankfurt, london], minSigners: 2 }",
    "workload: { keys: [ECDSA], requests: 12, over: 3s }",
    "timeline: [{ at: 0s, for: 8s, fault: loss, link: london, probability: 0.7 }]",
  ];
  writeFileSync(scenario, lines.join("\n"));
  await captured(registerScenario, "scenario", "run", scenario, "--trace", rounds);
  const { stdout: all } = await captured(registerWhy, "why", "--trace", rounds);
  const late = /^(sig-\S+) .*stopped: timeout, because of london/m.exec(all);
  const { stdout } = await captured(registerWhy, "why", late?.[1] ?? "", "--trace", rounds);
  expect(stdout).toMatch(/ireland +stands in round \d of session [0-9a-f]{8}, waits for london and asks again/);
}, 60_000);

test("a line of a log is a line of a trace with the name of its node, and anything else is none", () => {
  const logged = { level: 30, time: "2026-11-26T00:59:01.959Z", node: "ohio", type: "signer.ready", keys: 2 };
  const line = { at: Date.parse(logged.time), seq: 0, node: "ohio", type: "signer.ready", keys: 2 };
  expect(lineOfLog(JSON.stringify(logged), "ohio")).toEqual(line);
  for (const text of ["", "Error: no", "{}", '{"type":"x"}', '{"time":"2026-11-26T00:59:01.959Z"}']) {
    expect(lineOfLog(text, "ohio")).toBeUndefined();
  }
});
