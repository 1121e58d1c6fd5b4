import { Command } from "commander";
import { registerAudit } from "./commands/audit.ts";
import { registerBlame } from "./commands/blame.ts";
import { registerDoctor } from "./commands/doctor.ts";
import { registerEnv } from "./commands/env.ts";
import { registerFault } from "./commands/fault.ts";
import { registerFuzz } from "./commands/fuzz.ts";
import { registerHalt } from "./commands/halt.ts";
import { registerInit } from "./commands/init.ts";
import { registerKeys } from "./commands/keys.ts";
import { registerLogs } from "./commands/logs.ts";
import { registerOrg } from "./commands/org.ts";
import { registerPeers } from "./commands/peers.ts";
import { registerPlan } from "./commands/plan.ts";
import { registerPresign } from "./commands/presign.ts";
import { registerReplay } from "./commands/replay.ts";
import { registerScenario } from "./commands/scenario.ts";
import { registerSign } from "./commands/sign.ts";
import { registerStatus } from "./commands/status.ts";
import { registerUp } from "./commands/up.ts";
import { registerVault } from "./commands/vault.ts";
import { registerVerify } from "./commands/verify.ts";
import { registerWhy } from "./commands/why.ts";
import { connect, localSigners } from "./connect.ts";
import { runProgram, strict } from "./exit.ts";
import { VERSION } from "./version.ts";

const program = strict(new Command("quorate"))
  .description(
    "A threshold-signing network on this machine: keys that nobody holds, signatures that any t of n signers make.",
  )
  .version(VERSION)
  .option("--dir <path>", "state directory of the network (or QUORATE_DIR)", process.env.QUORATE_DIR ?? ".quorate")
  .option("--credential <file>", "act with this credential (default: the service account of the directory)")
  .option("--json", "print one JSON document for machines")
  .addHelpText(
    "after",
    "\nExit codes: 0 ok, 2 usage, 3 safety, 4 unavailable, 5 environment.\nUnaudited: never for real funds.",
  );

registerUp(program);
registerStatus(program);
registerDoctor(program);
registerKeys(program, { connect, localSigners });
registerSign(program, { connect });
registerVerify(program, { connect });
registerPresign(program, { connect });
registerPeers(program);
registerOrg(program);
registerAudit(program);
registerBlame(program);
registerHalt(program);
registerPlan(program);
registerFuzz(program);
registerScenario(program);
registerReplay(program);
registerWhy(program);
registerLogs(program);
registerEnv(program);
registerVault(program);
registerFault(program);
registerInit(program);

// As other programs do: whoever reads no further, such as `head`, ends the command without a word.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

await runProgram(program);
