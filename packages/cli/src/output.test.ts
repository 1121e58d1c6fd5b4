import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { duration, Output, table } from "./output.ts";

function sink(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 20, write: (text: string) => written.push(text), text: () => written.join("") };
}

function printed(isTTY: boolean, env: Record<string, string> = {}, json = false) {
  const [stdout, stderr] = [sink(isTTY), sink(isTTY)];
  const output = new Output({ json, stdout, stderr, env });
  output.progress("making a key that takes long to make");
  output.progress("still");
  output.line(output.style("green", "signed"));
  output.document({ amount: 10n });
  output.error("no", "yes");
  return { stdout: stdout.text(), stderr: stderr.text() };
}

describe("output", () => {
  it("without a terminal has no escape codes, and progress line by line", () => {
    expect(printed(false)).toEqual({
      stdout: "signed\n",
      stderr: "making a key that takes long to make\nstill\nerror: no\n  try: yes\n",
    });
  });

  it("on a terminal has colours, and progress in one line that is cut to the width and cleared in the end", () => {
    const { stdout, stderr } = printed(true);
    expect(stdout).toBe("\x1b[32msigned\x1b[39m\n");
    expect(stderr.startsWith("\r\x1b[2Kmaking a key that t\r\x1b[2Kstill\r\x1b[2K")).toBe(true);
    expect(stderr).toContain("\x1b[31merror:\x1b[39m no\n");
  });

  it("on a terminal with NO_COLOR has no colours; an empty NO_COLOR says nothing", () => {
    expect(printed(true, { NO_COLOR: "1" }).stdout).toBe("signed\n");
    expect(printed(true, { NO_COLOR: "" }).stdout).toContain("\x1b[32m");
  });

  it("with --json is one document on standard output, amounts as text", () => {
    const { stdout, stderr } = printed(false, {}, true);
    expect(JSON.parse(stdout)).toEqual({ amount: "10" });
    expect(stderr).toBe("error: no\n  try: yes\n");
  });
});

describe("a table", () => {
  it("aligns its columns, whatever their colours, and leaves no spaces at the ends of lines", () => {
    const rows = [
      ["\x1b[1mid\x1b[22m", "name", ""],
      ["key-1", "treasury"],
      ["k", "x", "y"],
    ];
    expect(table(rows).map(stripVTControlCharacters)).toEqual([
      "  id     name",
      "  key-1  treasury",
      "  k      x         y",
    ]);
    expect(table([])).toEqual([]);
  });
});

describe("a duration", () => {
  it.each([
    [0, "0.0 ms"],
    [0.42, "0.4 ms"],
    [0.96, "1 ms"],
    [18.3, "18 ms"],
    [999.4, "999 ms"],
    [999.6, "1.0 s"],
    [1234, "1.2 s"],
    [99_960, "1 min 40 s"],
    [200_000, "3 min 20 s"],
  ])("of %d ms reads %s", (ms, text) => expect(duration(ms)).toBe(text));
});
