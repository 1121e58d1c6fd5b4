import { Command } from "commander";
import { registerCommands } from "./command-files.ts";
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
    "\nExit codes: 0 ok, 2 usage, 3 safety, 4 unavailable, 5 environment, 130 interrupted.\nUnaudited: never for real funds.",
  );

await registerCommands(program, process.argv.slice(2));

// As other programs do: whoever reads no further, such as `head`, ends the command without a word.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

await runProgram(program);
