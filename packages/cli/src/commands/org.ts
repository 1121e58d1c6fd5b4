import type { LogReport } from "@quorate/coordinator";
import type { Command } from "commander";
import type { ApiClient } from "../api-client.ts";
import { connect, type GlobalOptions, runningNetwork } from "../connect.ts";
import { control } from "../control.ts";
import { runCommand } from "../exit.ts";
import { Output, table } from "../output.ts";
import { readNetwork } from "../setup.ts";
import { examples } from "./context.ts";
import { registerOrgRepair } from "./org-repair.ts";

interface Person {
  readonly userId: string;
  readonly username: string;
  readonly kind: string;
  readonly isActive: boolean;
  readonly isRegistered: boolean;
}

/** `quorate org`: who exists in the organisation, and how many signers know it. */
export function registerOrg(program: Command): void {
  const org = program.command("org").description("the organisation of the network");
  registerOrgRepair(org);
  org
    .command("show")
    .description("who exists, and at which signers the newest record of the log is in force")
    .option("--json", "print one JSON document")
    .addHelpText("after", examples("quorate org show"))
    .action(runCommand(async (_: unknown, command: Command) => show(command.optsWithGlobals())));
}

async function show(options: GlobalOptions): Promise<void> {
  const output = new Output({ json: options.json });
  const { state, up } = await runningNetwork(options);
  const { nodes, defaults, coordinator } = readNetwork(state);
  const logs = (await control(up, "ask", { node: coordinator.name, question: "logs" })) as readonly LogReport[];
  const people = await peopleOf(await connect(options));
  output.document({ logs, people });
  for (const log of logs) {
    const { organisation, name, head, heads, needed, pending } = log;
    const holders = heads.filter((one) => one.head !== null && one.head.height >= head.height).map((one) => one.node);
    output.line(output.style("bold", `${name} ${organisation}`));
    const rows = [
      ["log", `${head.height + 1} records, the newest ${head.hash}`],
      ["held by", `${holders.length} of ${nodes.length} signers: ${holders.join(", ") || "none"}`],
      ["", revocationText(holders.length, nodes.length, defaults.minSigners)],
      ...heads
        .filter((one) => !holders.includes(one.node))
        .map((one) => ["behind", `${one.node}${one.head === null ? "" : `, at record ${one.head.height}`}`]),
      ...(pending === null
        ? []
        : [
            [
              "pending",
              `${pending.method} ${pending.path}: ${pending.countersigned.length} of ${needed} signers took it`,
            ],
            ...(pending.stuck
              ? [["stuck", `quorate org repair ${organisation} --height ${pending.height} --hash ${pending.hash}`]]
              : []),
          ]),
    ];
    for (const line of table(rows)) output.line(line);
  }
  const rows = people.map(({ userId, username, kind, isActive, isRegistered }) => [
    ...[userId, kind, username, isActive ? (isRegistered ? "active" : "not registered yet") : "not active"],
  ]);
  for (const line of table([["id", "kind", "name", "state"], ...rows], "")) output.line(line);
}

/** What the record says is certain once so many hold it that every quorum of honest signers has one of them. */
function revocationText(holders: number, nodes: number, minSigners: number): string {
  if (holders === nodes) return "what it takes away is gone, whoever is dishonest";
  const enough = nodes - minSigners + 1;
  return holders >= enough
    ? `what it takes away is gone, as long as ${enough} of these are honest`
    : `what it takes away may still be used: ${enough} honest signers must hold it`;
}

async function peopleOf(client: ApiClient): Promise<readonly Person[]> {
  const users = await client.call<{ items: readonly Person[] }>("GET", "/auth/users?limit=200");
  const accounts = await client.call<{ items: readonly { userInfo: Person }[] }>("GET", "/auth/service-accounts");
  const services = accounts.items.map(({ userInfo }) => ({ ...userInfo, kind: "ServiceAccount" }));
  return [...users.items, ...services];
}
