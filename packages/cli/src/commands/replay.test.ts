import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { captured } from "../testing/captured.ts";
import { firstDifference, registerReplay } from "./replay.ts";
import { registerScenario } from "./scenario.ts";

const directory = mkdtempSync(join(tmpdir(), "quorate-replay-"));
afterAll(() => rmSync(directory, { recursive: true }));

const trace = join(directory, "out.jsonl");
const replay = (...argv: readonly string[]) => captured(registerReplay, "replay", ...argv);

beforeAll(async () => {
  const scenario = join(directory, "scenario.yaml");
  const lines = [
    "topology: { regions: [ireland, frankfurt, london], minSigners: 2, jitter: 3 }",
    "workload: { keys: [EdDSA], requests: 4, over: 4s }",
    "timeline: [{ at: 0s, fault: wrong-share, node: london }, { at: 0s, for: 3s, fault: delay, link: frankfurt, ms: 300 }]",
  ];
  writeFileSync(scenario, lines.join("\n"));
  await captured(registerScenario, "scenario", "run", scenario, "--trace", trace);
}, 60_000);

describe("quorate replay", () => {
  it("finds the same again, byte for byte", async () => {
    const { stdout, exitCode } = await replay(trace);
    expect(stdout).toMatch(/^the same again: \d+ lines, hash [0-9a-f]{64}\n$/);
    expect(exitCode).toBe(0);
  }, 60_000);

  it("names the first line that is other than it was", async () => {
    const lines = readFileSync(trace, "utf8").split("\n");
    const changed = lines.with(101, lines[101]!.replace(/"at":\d+/, '"at":0'));
    const other = join(directory, "other.jsonl");
    writeFileSync(other, changed.join("\n"));
    const { stdout, exitCode } = await replay(other, "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      same: false,
      difference: { line: 100, was: changed[101], is: lines[101] },
    });
    expect(exitCode).toBe(3);
  }, 60_000);

  it("tells in words what happened until an event, and no further", async () => {
    const { stdout } = await replay(trace, "--until", "signer.blamed");
    const lines = stdout.trim().split("\n");
    expect(lines.at(-2)).toMatch(/coordinator +finds london at fault in sig-/);
    expect(stdout).toContain("fault f1 begins: wrong-share node=london");
    expect(stdout.match(/finds london at fault/g)).toHaveLength(1);
    expect(stdout).not.toContain(" bytes to ");
    expect((await replay(trace, "--until", "50", "--all")).stdout).toContain(" bytes to ");
  }, 60_000);

  it("refuses what is no trace, and an event that is not in it", async () => {
    const { stderr, exitCode } = await replay(join(directory, "scenario.yaml"));
    expect(stderr).toContain("does not begin as a trace of a scenario");
    expect(exitCode).toBe(2);
    expect((await replay(join(directory, "none"))).stderr).toContain("there is no file");
    expect((await replay(trace, "--until", "no.such")).stderr).toContain("nothing in the trace is no.such");
  }, 60_000);
});

it("lists differ where one ends before the other", () => {
  expect(firstDifference(["a"], ["a"])).toBeUndefined();
  expect(firstDifference(["a"], ["a", "b"])).toBe(1);
  expect(firstDifference(["b"], ["a", "b"])).toBe(0);
});
