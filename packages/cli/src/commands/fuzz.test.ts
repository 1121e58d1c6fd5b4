import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { captured } from "../testing/captured.ts";
import { registerFuzz } from "./fuzz.ts";

const fuzz = (...argv: readonly string[]) => captured(registerFuzz, "fuzz", ...argv);

describe("quorate fuzz", () => {
  it("runs its seeds in threads, and says what they came to", async () => {
    const { stdout, exitCode } = await fuzz("--seeds", "2", "--from", "7", "--profile", "calm", "--threads", "2");
    expect(stdout).toMatch(/^2 seeds in [\d.]+ s: \d+ of \d+ requests signed, \d+ events,$/m);
    expect(stdout).toContain("every promise was kept");
    expect(stdout).not.toContain("NEVER SEEN");
    expect(exitCode).toBe(0);
  }, 120_000);

  it("fails, and says what was missing, when it is to see what a single calm seed does not show", async () => {
    const { stdout, exitCode } = await fuzz("--seeds", "1", "--profile", "calm", "--threads", "1", "--coverage");
    expect(stdout).toMatch(/^NEVER SEEN .*rollback detected/m);
    expect(exitCode).toBe(3);
  }, 120_000);

  it("ends early when it is interrupted, says what was seen until then and where to go on", async () => {
    const bin = join(import.meta.dirname, "../../bin/quorate.mjs");
    const child = spawn(process.execPath, [bin, "fuzz", "--seeds", "100000", "--from", "7", "--profile", "calm"]);
    const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => {
      const said = { text: "" };
      stream.setEncoding("utf8").on("data", (text: string) => {
        said.text += text;
        if (said === stderr && /of 100000 seeds/.test(said.text)) child.kill("SIGINT");
      });
      return said;
    });
    const [exitCode] = (await once(child, "close")) as [number | null];
    const [, seeds = "", next] =
      /interrupted after (\d+) of 100000 seeds; go on with --from (\d+)/.exec(stdout!.text) ?? [];
    expect(Number(next)).toBe(7 + Number(seeds));
    expect(stdout!.text).toMatch(new RegExp(`^${seeds} seeds? in [\\d.]+ s`, "m"));
    expect(stdout!.text).toContain("every promise was kept");
    expect(exitCode).toBe(130);
  }, 120_000);

  it.each([
    ["--seeds", "0"],
    ["--from", "-1"],
    ["--threads", "many"],
    ["--budget", "five"],
  ])("refuses %s %s by the name of the option", async (option, value) => {
    const { stderr, exitCode } = await fuzz(`${option}=${value}`);
    expect(stderr).toContain(option.slice(2));
    expect(exitCode).toBe(2);
  });
});
