import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { captured } from "../testing/captured.ts";
import { registerScenario } from "./scenario.ts";

const directory = mkdtempSync(join(tmpdir(), "quorate-scenario-"));
afterAll(() => rmSync(directory, { recursive: true }));

const scenario = (...argv: readonly string[]) => captured(registerScenario, "scenario", ...argv);

/** A small network, of three signers. */
function file(name: string, more: string): string {
  const path = join(directory, name);
  const topology = "topology: { regions: [ireland, frankfurt, london], minSigners: 2 }";
  writeFileSync(path, `${topology}\nworkload: { keys: [EdDSA], requests: 4, over: 4s }\n${more}`);
  return path;
}

describe("quorate scenario run", () => {
  it("names who sent a wrong share, and passes where that was expected", async () => {
    const path = file(
      "share.yaml",
      `
name: wrong share
timeline: [{ at: 0s, fault: wrong-share, node: london }, { at: 0s, for: 3s, fault: delay, link: frankfurt, ms: 300 }]
expect: [{ properties: all }, { signed: 1 }, { blamed: [london] }]`,
    );
    const trace = join(directory, "out.jsonl");
    const { stdout, exitCode } = await scenario("run", path, "--trace", trace);
    expect(stdout).toContain("all as expected");
    expect(exitCode).toBe(0);
    const [header, ...lines] = readFileSync(trace, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(header).toMatchObject({ format: "quorate-trace-1", scenario: expect.stringContaining("wrong-share") });
    expect(lines.map((line) => line.seq)).toEqual(lines.map((_, at) => at));
    expect(lines.some((line) => line.type === "signer.blamed" && line.peer === "london")).toBe(true);
  }, 60_000);

  it("ends with the safety code when what was expected is not so, and says what was", async () => {
    const path = file("nobody.yaml", "expect: [{ blamed: [london] }, { p99: 1ms }]");
    const { stdout, exitCode } = await scenario("run", path, "--json");
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ passed: false, failed: 2, asked: 7, signed: 7 });
  }, 60_000);

  it("says loudly what it cannot do, and does not count it as passed", async () => {
    const timeline = "timeline: [{ at: 0s, fault: clone, node: london }, { on: no.such, fault: crash, node: london }]";
    const { stdout, exitCode } = await scenario("run", file("clone.yaml", timeline));
    expect(stdout).toMatch(/skipped: +clone london +simulator cannot do it; try --layer live/);
    expect(stdout).toMatch(/skipped: +crash london +there was no no\.such/);
    expect(stdout).toContain("nothing failed, 2 skipped");
    expect(stdout).not.toContain("all as expected");
    expect(exitCode).toBe(0);
  }, 60_000);

  it("refuses a file that says nonsense, with the place", async () => {
    const { stderr, exitCode } = await scenario("run", file("bad.yaml", "timeline: [{ at: 5s, fault: crush }]"));
    expect(stderr).toContain("timeline[0].kind: there is no fault");
    expect(exitCode).toBe(2);
  });
});

describe("quorate scenario shrink", () => {
  it("prints the smallest that still fails in the same way, and that it does", async () => {
    const timeline = [
      "{ at: 1s, for: 1s, fault: delay, link: frankfurt, ms: 300 }",
      "{ at: 0s, for: 4s, fault: wrong-share, node: london }",
    ];
    const path = file("large.yaml", `timeline: [${timeline.join(", ")}]\nexpect: [{ blamed: [] }]`);
    const out = join(directory, "small.yaml");
    const { stdout, exitCode } = await scenario("shrink", path, "--out", out, "--runs", "12");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("# fails: blamed: nobody");
    expect(stdout).toMatch(/from 2 faults, 4 requests, 3 signers to 1 faults, [12] requests, 3 signers/);
    expect(readFileSync(out, "utf8")).toContain("wrong-share");
    expect((await scenario("run", out)).exitCode).toBe(3);
  }, 120_000);

  it("refuses a scenario that does not fail", async () => {
    const { stderr, exitCode } = await scenario("shrink", file("fine.yaml", "expect: []"));
    expect(stderr).toContain("the scenario does not fail");
    expect(exitCode).toBe(2);
  }, 60_000);
});
