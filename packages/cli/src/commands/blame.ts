import { type EvidenceDocument, parseEvidence, ROUND_VERDICTS, verifyEvidence } from "@quorate/blame";
import { InputError, type NetworkFile, parseNetworkFile } from "@quorate/orders";
import type { KeptVerdict } from "@quorate/signer";
import type { Command } from "commander";
import { type GlobalOptions, runningNetwork } from "../connect.ts";
import { control } from "../control.ts";
import { CliError, EXIT, refuseArgument, runCommand } from "../exit.ts";
import { readBytes, writeOut } from "../files.ts";
import { Output, table } from "../output.ts";
import { readNetwork } from "../setup.ts";
import { stateOf, type UpFile } from "../state.ts";
import { type Case, casesOf, type SignerVerdicts } from "../verdict-cases.ts";
import { examples } from "./context.ts";

interface BlameOptions extends GlobalOptions {
  readonly out?: string;
  readonly network?: string;
  readonly chainCode?: boolean;
}

const ABOUT = `A signer keeps a verdict where somebody's own signed messages prove that it broke a protocol, each checked by that signer
itself. The evidence convinces anybody who has the network file. A node that is slow, silent or unreachable is never in this
list: it is unresponsive, and nothing more can be said of it.`;

/** `quorate blame`: who broke a protocol, and the evidence. */
export function registerBlame(program: Command): void {
  const blame = program
    .command("blame")
    .summary("who broke a protocol, with evidence that anybody can check: ls, show, verify, rounds")
    .description(`who broke a protocol, with evidence that anybody can check\n\n${ABOUT}`);
  blame
    .command("ls")
    .description("the verdicts of all signers that run: when, who, what, and how many signers found it")
    .addHelpText("after", examples("quorate blame ls", "quorate blame ls --json"))
    .action(runCommand(async (_: unknown, command: Command) => list(command.optsWithGlobals())));
  blame
    .command("show")
    .argument("<id>", "of a verdict, as blame ls shows it")
    .option("--out <path>", "write the evidence there")
    .option(
      "--chain-code",
      "add the chain code of the key, if a child of it signed: others cannot check the evidence without it, and whoever has it links all addresses of the key",
    )
    .description("a verdict, and its evidence")
    .addHelpText("after", examples("quorate blame show 5f0c1d2e3a4b5c6d --out evidence.json"))
    .action(runCommand(async (id: string, _: unknown, command: Command) => show(id, command.optsWithGlobals())));
  blame
    .command("verify")
    .argument("<evidence>", "file that blame show wrote")
    .option("--network <path>", "network file (default: that of the state directory)")
    .description(
      "check evidence with nothing but the network file; needs no network, ends with exit code 3 if it proves nothing",
    )
    .addHelpText("after", examples("quorate blame verify evidence.json --network network.json"))
    .action(runCommand((file: string, _: unknown, command: Command) => verify(file, command.optsWithGlobals())));
  blame
    .command("rounds")
    .description("what can be proven in which round of which protocol, and what holds where nothing can")
    .addHelpText("after", examples("quorate blame rounds"))
    .action(runCommand((_: unknown, command: Command) => rounds(command.optsWithGlobals())));
}

async function list(options: BlameOptions): Promise<void> {
  const output = new Output({ json: options.json });
  const { cases, asked, silent } = await found(options);
  output.document({ items: cases, asked, silent });
  for (const node of silent) output.error(`${node} does not run: what it found is not shown`);
  if (cases.length === 0) return output.line("nobody was found guilty of anything");
  const rows = cases.map(({ id, at, accused, code, kind, keyId, heldBy }) => [
    id,
    new Date(at).toISOString(),
    accused,
    code,
    kind,
    keyId === null ? "" : `key ${keyId.slice(0, 16)}`,
    `${heldBy.length} of ${asked.length} signers`,
  ]);
  for (const line of table(rows)) output.line(line);
}

async function show(id: string, options: BlameOptions): Promise<void> {
  const output = new Output({ json: options.json });
  const { up, network, cases } = await found(options);
  const one = cases.find((verdict) => verdict.id === id);
  if (one === undefined) return refuseArgument("<id>", `no signer that runs has a verdict ${id}`, "quorate blame ls");
  const text = await evidenceOf(up, one, options.chainCode === true);
  const document = parseEvidence(text);
  const finding = verifyEvidence(document, network);
  if (options.out !== undefined) writeOut("--out", options.out, new TextEncoder().encode(text));
  output.document({ ...one, ...finding, keyId: one.keyId, executionId: one.executionId, evidence: document });
  output.line(document.statement);
  const rows = [
    ["found", new Date(one.at).toISOString()],
    ["by", one.heldBy.join(", ")],
    ["identity", document.accused.publicKey],
    ["key", one.keyId ?? "none yet"],
    ["evidence", finding.proven ? "verifies with the network file" : finding.reason],
    ...(options.out === undefined ? [] : [["written to", options.out]]),
  ];
  for (const line of table(rows)) output.line(line);
}

function verify(file: string, options: BlameOptions): void {
  const output = new Output({ json: options.json });
  const network = networkOf(options);
  const document = documentOf(file);
  const finding = verifyEvidence(document, network);
  const { kind, code, accused, statement } = document;
  output.document({
    ...{ proven: finding.proven, kind, code, accused },
    ...(finding.proven ? { id: finding.id, statement } : { reason: finding.reason }),
  });
  if (finding.proven) {
    output.line(output.style("green", "PROVEN"));
    return output.line(`  ${statement}`);
  }
  output.line(output.style("red", "NOT PROVEN"));
  output.line(`  ${finding.reason}`);
  output.line("  nothing follows from it about the node that it accuses");
  process.exitCode = EXIT.safety;
}

function rounds(options: BlameOptions): void {
  const output = new Output({ json: options.json });
  output.document({ items: ROUND_VERDICTS });
  for (const { protocol, round, proven, otherwise } of ROUND_VERDICTS) {
    output.line(`${protocol}, ${round}: ${proven === null ? "no verdict" : `proven: ${proven.join(", ")}`}`);
    output.line(`  ${otherwise}`);
  }
}

/** What all signers that run have found. */
async function found(options: BlameOptions) {
  const { state, up } = await runningNetwork(options);
  const network = readNetwork(state);
  const asked = network.nodes.map((one) => one.name);
  const told = await Promise.all(asked.map((node) => verdictsOf(up, node)));
  const answered = told.filter((one) => one !== undefined);
  const silent = asked.filter((_, at) => told[at] === undefined);
  return { up, network, cases: casesOf(answered), asked, silent };
}

async function verdictsOf(up: UpFile, node: string): Promise<SignerVerdicts | undefined> {
  try {
    return { node, verdicts: (await control(up, "ask", { node, question: "verdicts" })) as readonly KeptVerdict[] };
  } catch (error) {
    if (error instanceof CliError && error.exitCode === EXIT.unavailable) return undefined;
    throw error;
  }
}

async function evidenceOf(up: UpFile, { id, heldBy }: Case, withChainCode: boolean): Promise<string> {
  for (const node of heldBy) {
    const payload = { id, withChainCode };
    const text = (await control(up, "ask", { node, question: "evidence", payload })) as string | null;
    if (text !== null) return text;
  }
  throw new CliError(EXIT.environment, `the records of ${heldBy.join(", ")} about ${id} cannot be read`);
}

function documentOf(file: string): EvidenceDocument {
  const text = new TextDecoder().decode(readBytes("<evidence>", file));
  try {
    return parseEvidence(text);
  } catch (error) {
    if (error instanceof InputError)
      return refuseArgument("<evidence>", error.message, "quorate blame show --out writes one");
    throw error;
  }
}

function networkOf(options: BlameOptions): NetworkFile {
  if (options.network === undefined) return readNetwork(stateOf(options));
  const text = new TextDecoder().decode(readBytes("--network", options.network));
  try {
    return parseNetworkFile(text);
  } catch (error) {
    if (error instanceof InputError) return refuseArgument("--network", error.message);
    throw error;
  }
}
