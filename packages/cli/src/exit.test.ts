import { InputError } from "@quorate/orders";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { apiExitCode, asCliError, CliError, EXIT, runCommand } from "./exit.ts";
import { captured } from "./testing/captured.ts";

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: it did not work`), { code });
}

describe("an error becomes an exit code", () => {
  it.each([
    [400, "invalid_input", EXIT.usage],
    [401, "unauthorized", EXIT.usage],
    [404, "not_found", EXIT.usage],
    [409, "conflict", EXIT.usage],
    [429, "overloaded", EXIT.unavailable],
    [429, undefined, EXIT.unavailable],
    [500, "failed", EXIT.unavailable],
    [500, undefined, EXIT.unavailable],
    [503, "quorum_unavailable", EXIT.unavailable],
    [503, "starting", EXIT.unavailable],
  ])("HTTP %i with code %s: %i", (status, code, exitCode) => expect(apiExitCode(status, code)).toBe(exitCode));

  it.each(["EACCES", "EPERM", "EROFS", "ENOSPC", "EIO", "EMFILE"])("%s of the system: environment", (code) => {
    expect(asCliError(systemError(code)).exitCode).toBe(EXIT.environment);
  });

  it("InputError: usage, with its hint and its field", () => {
    const error = new InputError("invalid_input", "hash: too short", { field: "hash", hint: "32 bytes" });
    expect(asCliError(error)).toMatchObject({ exitCode: 2, hint: "32 bytes", facts: { field: "hash" } });
    expect(asCliError(new InputError("quorum_unavailable", "x")).exitCode).toBe(EXIT.unavailable);
  });

  it("anything else is our mistake: 1, with the stack", () => {
    const failure = asCliError(new TypeError("x is not a function"));
    expect(failure.exitCode).toBe(EXIT.bug);
    expect(failure.message).toContain("exit.test.ts");
  });
});

describe("a command", () => {
  const failing = (error: unknown) => (program: Command) => {
    const action = runCommand(() => {
      throw error;
    });
    program.command("fail").option("--json").option("--count <n>").action(action);
  };
  const refusal = new CliError(EXIT.safety, "it does not verify", "throw it away", { request: "sig-1" });

  it("that fails says what happened and what to do next, on standard error alone", async () => {
    expect(await captured(failing(refusal), "fail")).toEqual({
      stdout: "",
      stderr: "error: it does not verify\n  try: throw it away\n",
      exitCode: 3,
    });
  });

  it.each([[["fail", "--json"]], [["--json", "fail"]]])(
    "with %j fails in one object on standard output alone",
    async (argv) => {
      const { stdout, stderr, exitCode } = await captured(failing(refusal), ...argv);
      const error = { request: "sig-1", exitCode: 3, message: "it does not verify", hint: "throw it away" };
      expect(JSON.parse(stdout)).toEqual({ error });
      expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 3 });
    },
  );

  it.each([
    [["fail", "--wrong"], "unknown option '--wrong'"],
    [["fail", "--count"], "option '--count <n>' argument missing"],
    [["frob"], "unknown command 'frob'"],
    [["fail", "more"], "too many arguments"],
  ])("called as %j is refused with exit code 2", async (argv, problem) => {
    const { stdout, stderr, exitCode } = await captured(failing(refusal), ...argv);
    expect(stderr).toContain(problem);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    const json = await captured(failing(refusal), ...argv, "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({
      error: { exitCode: 2, message: expect.stringContaining(problem) },
    });
  });

  it("asked for help prints it and ends with 0", async () => {
    const { stdout, exitCode } = await captured(failing(refusal), "fail", "--help");
    expect(stdout).toContain("Usage: quorate fail");
    expect(exitCode).toBe(0);
  });
});
