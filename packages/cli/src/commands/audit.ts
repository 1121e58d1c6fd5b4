import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { z } from "zod";
import { actionText, answered, contradictions, type ReadAudit, readAudit, type SignerAudit } from "../audit-trail.ts";
import { type GlobalOptions, runningNetwork } from "../connect.ts";
import { control } from "../control.ts";
import { CliError, EXIT, refuseArgument, runCommand } from "../exit.ts";
import { writeOut } from "../files.ts";
import { Output, table } from "../output.ts";
import { readNetwork } from "../setup.ts";
import { examples } from "./context.ts";

interface AuditOptions extends GlobalOptions {
  readonly node?: string;
  readonly key?: string;
  readonly authorisation?: string;
  readonly last?: string;
  readonly file?: string;
  readonly out?: string;
}

/** How many entries are asked for at once. */
const PAGE = 500;
const DEFAULT_LAST = 20;

const trail = z.strictObject({
  format: z.literal(1),
  network: z.string(),
  signers: z.array(z.strictObject({ node: z.string(), entries: z.array(z.string().regex(/^([0-9a-f]{2})*$/)) })),
});

/** `quorate audit`: what the signers say that they did, and what they refused. */
export function registerAudit(program: Command): void {
  const audit = program
    .command("audit")
    .summary("what each signer did and refused: show, verify, export")
    .description(
      "what the signers' own logs say: each entry names the one before it, so that none is changed or left out unseen",
    );
  audit
    .command("show")
    .description("which requests were answered, for whom, by whom; with --node all that one signer noted")
    .option("--node <name>", "one signer, every entry")
    .option("--key <id>", "requests for this key")
    .option("--authorisation <hex>", "the request that was signed under this authorisation")
    .option("--last <n>", "how many, newest last", String(DEFAULT_LAST))
    .option("--file <path>", "an export, in place of the running network")
    .addHelpText(
      "after",
      examples("quorate audit show", "quorate audit show --node ohio", "quorate audit show --key key-..."),
    )
    .action(runCommand(async (_: unknown, command: Command) => show(command.optsWithGlobals())));
  audit
    .command("verify")
    .description("check every chain, and that no two signers contradict each other")
    .option("--file <path>", "an export, in place of the running network")
    .addHelpText("after", examples("quorate audit verify", "quorate audit verify --file audit.json"))
    .action(runCommand(async (_: unknown, command: Command) => verify(command.optsWithGlobals())));
  audit
    .command("export")
    .description("write the logs of all signers that run into one file")
    .requiredOption("--out <path>", "where to")
    .addHelpText("after", examples("quorate audit export --out audit.json"))
    .action(runCommand(async (_: unknown, command: Command) => exportAll(command.optsWithGlobals())));
}

async function show(options: AuditOptions): Promise<void> {
  const output = new Output({ json: options.json });
  const last = Number(options.last);
  if (!Number.isInteger(last) || last < 1) refuseArgument("--last", `${options.last} is no count`, "such as 20");
  const audits = (await trailOf(options)).map(readAudit);
  tellFaults(output, audits);
  if (options.node !== undefined) return showNode(output, audits, options.node, last);
  const found = answered(audits)
    .filter(({ key }) => options.key === undefined || key === options.key)
    .filter(({ authorisation }) => options.authorisation === undefined || authorisation === options.authorisation)
    .slice(-last);
  output.document({ items: found, faults: faultsOf(audits) });
  if (found.length === 0) output.line("no signer answered such a request");
  for (const one of found) {
    output.line(`${one.authorisation}`);
    const by = Object.entries(one.by).map(([node, time]) => `${node} ${new Date(time).toISOString()}`);
    const rows = [
      ["key", one.key],
      ["for", one.token === null ? one.user : `${one.user}, by token ${one.token}`],
      ["request", `SHA-256 ${one.request}`],
      ["answered by", by.join(", ")],
    ];
    for (const line of table(rows)) output.line(line);
  }
}

function showNode(output: Output, audits: readonly ReadAudit[], node: string, last: number): void {
  const audit = audits.find((one) => one.node === node);
  if (audit === undefined)
    refuseArgument("--node", `no log of ${node}`, `there are ${audits.map((one) => one.node).join(", ")}`);
  const shown = audit.entries.slice(-last).map(({ sequence, time, action }) => ({
    ...{ sequence, time: new Date(time).toISOString(), kind: action.kind, text: actionText(action) },
  }));
  output.document({ node, items: shown, faults: faultsOf(audits) });
  for (const line of table(shown.map(({ sequence, time, text }) => [String(sequence), time, text]))) output.line(line);
}

async function verify(options: AuditOptions): Promise<void> {
  const output = new Output({ json: options.json });
  const audits = (await trailOf(options)).map(readAudit);
  const found = contradictions(audits);
  const faults = faultsOf(audits);
  output.document({
    whole: faults.length === 0 && found.length === 0,
    signers: audits.map(({ node, entries, fault }) => ({ node, entries: entries.length, fault })),
    contradictions: found,
  });
  const rows = audits.map(({ node, entries, fault }) => [node, `${entries.length} entries`, fault ?? "whole"]);
  for (const line of table(rows)) output.line(line);
  for (const { about, said } of found) {
    const told = Object.entries(said).map(([node, what]) => `${node}: ${what}`);
    output.line(`${output.style("red", "contradiction")} about ${about}: ${told.join("; ")}`);
  }
  if (faults.length > 0 || found.length > 0) process.exitCode = EXIT.safety;
}

async function exportAll(options: AuditOptions): Promise<void> {
  const output = new Output({ json: options.json });
  const { state } = await runningNetwork(options);
  const signers = await trailOf(options);
  const document = { format: 1, network: readNetwork(state).networkId, signers };
  writeOut("--out", options.out!, new TextEncoder().encode(`${JSON.stringify(document)}\n`));
  output.line(`wrote the logs of ${signers.map((one) => one.node).join(", ")} to ${options.out}`);
  output.document({
    out: options.out,
    signers: signers.map(({ node, entries }) => ({ node, entries: entries.length })),
  });
}

/** From a file, or from every signer that runs. */
async function trailOf(options: AuditOptions): Promise<readonly SignerAudit[]> {
  if (options.file !== undefined) return fromFile(options.file);
  const { state, up } = await runningNetwork(options);
  const read = readNetwork(state).nodes.map(async ({ name: node }): Promise<SignerAudit | undefined> => {
    const entries: string[] = [];
    try {
      for (;;) {
        const payload = { from: entries.length, limit: PAGE };
        const page = (await control(up, "ask", { node, question: "audit", payload })) as readonly string[];
        entries.push(...page);
        if (page.length < PAGE) return { node, entries };
      }
    } catch (error) {
      if (error instanceof CliError && error.exitCode === EXIT.unavailable) return undefined;
      throw error;
    }
  });
  return (await Promise.all(read)).filter((one) => one !== undefined);
}

function fromFile(path: string): readonly SignerAudit[] {
  try {
    return trail.parse(JSON.parse(readFileSync(path, "utf8"))).signers;
  } catch (error) {
    return refuseArgument("--file", `${path}: ${(error as Error).message}`, "quorate audit export writes one");
  }
}

function faultsOf(audits: readonly ReadAudit[]) {
  return audits.flatMap(({ node, fault }) => (fault === null ? [] : [{ node, fault }]));
}

function tellFaults(output: Output, audits: readonly ReadAudit[]): void {
  for (const { node, fault } of faultsOf(audits)) output.error(`the log of ${node} is not whole: ${fault}`);
}
