import { commitQuorum } from "@quorate/authority";
import type { NetworkFile } from "@quorate/orders";
import { unhex } from "@quorate/orders";
import type { Command } from "commander";
import { type GlobalOptions, runningNetwork } from "../connect.ts";
import { control } from "../control.ts";
import { CliError, EXIT, refuseArgument, runCommand } from "../exit.ts";
import { operatorsHere, repairOf } from "../operators.ts";
import { Output, table } from "../output.ts";
import { readNetwork } from "../setup.ts";
import type { UpFile } from "../state.ts";
import { tell, unreachable } from "../statements.ts";
import { examples } from "./context.ts";

interface RepairOptions extends GlobalOptions {
  readonly height: string;
  readonly hash: string;
}

/** A record that a signer countersigned at the end of a log. */
export interface Taken {
  readonly organisation: string;
  readonly height: number;
  readonly hash: string;
}

/** `quorate org repair`: operators decide which record a stuck log goes on with. */
export function registerOrgRepair(org: Command): void {
  org
    .command("repair <organisation>")
    .summary("have a log that is stuck go on with one record")
    .description(
      "signers that countersigned another record at this height let go of it; takes the keys of as many operators as signers must sign, and is refused while another record may have been committed",
    )
    .requiredOption("--height <n>", "where the log is stuck, as quorate org show says")
    .requiredOption("--hash <hex>", "of the record that is to stand there")
    .addHelpText("after", examples("quorate org repair or-... --height 12 --hash 5f..."))
    .action(
      runCommand(async (organisation: string, _: unknown, command: Command) =>
        repair(organisation, command.optsWithGlobals()),
      ),
    );
}

async function repair(organisation: string, options: RepairOptions): Promise<void> {
  if (!/^[0-9]{1,15}$/.test(options.height)) refuseArgument("--height", "not a whole number");
  if (!/^[0-9a-f]{64}$/.test(options.hash)) refuseArgument("--hash", "64 lower-case hex digits");
  const output = new Output({ json: options.json });
  const { state, up } = await runningNetwork(options);
  const network = readNetwork(state);
  const head = { organisation, height: Number(options.height), hash: options.hash };
  checkNoOther(network, head, await takenAt(up, network));
  const told = { ...head, hash: unhex(head.hash), time: Date.now() };
  const statement = repairOf(network, operatorsHere(state, network), told);
  const answers = await tell(up, "repair", new Map(network.nodes.map(({ name }) => [name, statement])));
  output.document({ repaired: answers });
  for (const line of table(Object.entries(answers), "")) output.line(line);
  if (Object.values(answers).some((one) => one === "refused" || one === "not_stored")) process.exitCode = EXIT.safety;
}

/** What each signer that answers has countersigned. */
async function takenAt(up: UpFile, { nodes }: NetworkFile): Promise<ReadonlyMap<string, readonly Taken[]>> {
  const asked = nodes.map(async ({ name: node }) => {
    const taken = await control(up, "ask", { node, question: "taken" }).catch(unreachable);
    return taken === undefined ? [] : [[node, taken as readonly Taken[]] as const];
  });
  return new Map((await Promise.all(asked)).flat());
}

/** @throws CliError while another record may have been taken by enough signers, counting those that do not answer */
export function checkNoOther(
  network: Pick<NetworkFile, "nodes" | "defaults">,
  { organisation, height, hash }: Taken,
  taken: ReadonlyMap<string, readonly Taken[]>,
): void {
  const silent = network.nodes.length - taken.size;
  const others = new Map<string, number>();
  for (const one of [...taken.values()].flat()) {
    if (one.organisation === organisation && one.height === height && one.hash !== hash)
      others.set(one.hash, (others.get(one.hash) ?? 0) + 1);
  }
  const most = Math.max(0, ...others.values());
  const needed = commitQuorum(network);
  if (most + silent < needed) return;
  throw new CliError(
    EXIT.safety,
    `another record at height ${height} may have been committed: ${most} signers took it, ${silent} do not answer, ${needed} are enough`,
    "start the signers that do not run, or decide on the record that most of them took",
  );
}
