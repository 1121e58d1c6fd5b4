import { Command } from "commander";
import { registerNode } from "../commands/node.ts";
import { runProgram, strict } from "../exit.ts";

// The entry of the network's processes: apart from the command's, so that a signer loads nothing that only people need.
const program = strict(new Command("quorate-node"));
registerNode(program);
await runProgram(program);
