import { Command } from "commander";
import { vi } from "vitest";
import { runProgram, strict } from "../exit.ts";

/** What a run of the program left behind. */
export interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Runs a command in this process and gathers what it prints. */
export async function captured(register: (program: Command) => void, ...argv: readonly string[]): Promise<Run> {
  const text = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((chunk) => {
      text[name] += String(chunk);
      return true;
    }),
  );
  process.exitCode = undefined;
  try {
    const program = strict(new Command("quorate").option("--json"));
    register(program);
    await runProgram(program, ["node", "quorate", ...argv]);
    return { ...text, exitCode: Number(process.exitCode ?? 0) };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = undefined;
  }
}
