import type { Command } from "commander";

type Register = (program: Command) => Promise<void>;

const connection = () => import("./connect.ts");

/**
 * What each word of the command line is registered by, in the order of the help. A file is loaded when its word is said: what all of
 * them need takes a second to load, what one needs a part of it.
 */
const FILES: readonly (readonly [words: readonly string[], register: Register])[] = [
  [["up", "down"], async (program) => (await import("./commands/up.ts")).registerUp(program)],
  [["status", "restart"], async (program) => (await import("./commands/status.ts")).registerStatus(program)],
  [["doctor"], async (program) => (await import("./commands/doctor.ts")).registerDoctor(program)],
  [["keys"], async (program) => (await import("./commands/keys.ts")).registerKeys(program, await connection())],
  [["sign"], async (program) => (await import("./commands/sign.ts")).registerSign(program, await connection())],
  [["verify"], async (program) => (await import("./commands/verify.ts")).registerVerify(program, await connection())],
  [
    ["presign"],
    async (program) => (await import("./commands/presign.ts")).registerPresign(program, await connection()),
  ],
  [["peers"], async (program) => (await import("./commands/peers.ts")).registerPeers(program)],
  [["org"], async (program) => (await import("./commands/org.ts")).registerOrg(program)],
  [["audit"], async (program) => (await import("./commands/audit.ts")).registerAudit(program)],
  [["blame"], async (program) => (await import("./commands/blame.ts")).registerBlame(program)],
  [["halt", "resume"], async (program) => (await import("./commands/halt.ts")).registerHalt(program)],
  [["plan"], async (program) => (await import("./commands/plan.ts")).registerPlan(program)],
  [["fuzz"], async (program) => (await import("./commands/fuzz.ts")).registerFuzz(program)],
  [["scenario"], async (program) => (await import("./commands/scenario.ts")).registerScenario(program)],
  [["replay"], async (program) => (await import("./commands/replay.ts")).registerReplay(program)],
  [["why"], async (program) => (await import("./commands/why.ts")).registerWhy(program)],
  [["logs"], async (program) => (await import("./commands/logs.ts")).registerLogs(program)],
  [["env"], async (program) => (await import("./commands/env.ts")).registerEnv(program)],
  [["vault"], async (program) => (await import("./commands/vault.ts")).registerVault(program)],
  [["fault"], async (program) => (await import("./commands/fault.ts")).registerFault(program)],
  [["init"], async (program) => (await import("./commands/init.ts")).registerInit(program)],
];

/**
 * Registers the commands that a command line may mean: those whose names stand in it, or all where none does, for help and for words
 * that nobody knows.
 */
export async function registerCommands(program: Command, line: readonly string[]): Promise<void> {
  const said = FILES.filter(([words]) => words.some((word) => line.includes(word)));
  for (const [, register] of said.length === 0 ? FILES : said) await register(program);
}
