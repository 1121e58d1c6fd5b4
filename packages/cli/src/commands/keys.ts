import { addresses } from "@quorate/authority";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Key, KeyDetails, Network, NetworkProcess, NewKey } from "../api-client.ts";
import { checkCertificate } from "../checks/certificate.ts";
import { refuseArgument, runCommand } from "../exit.ts";
import { CURVES, findKey, type SignScheme, verifyingKey } from "../key-lookup.ts";
import { Output, table } from "../output.ts";
import { placed } from "../request-report.ts";
import { type CommandContext, type CommonOptions, examples, optionsOf } from "./context.ts";

interface CreateOptions extends CommonOptions {
  readonly scheme: SignScheme;
  readonly curve?: string;
  readonly name?: string;
  readonly minSigners?: number;
}

/** `quorate keys create`, `ls` and `show`. */
export function registerKeys(program: Command, context: CommandContext): void {
  const keys = program.command("keys").description("make and show keys");
  registerCreate(keys, context);
  keys
    .command("ls")
    .description("the keys of the network")
    .option("--json", "print one JSON document")
    .addHelpText("after", examples("quorate keys ls", "quorate keys ls --json"))
    .action(runCommand((_: unknown, self: Command) => list(optionsOf(self), context)));
  keys
    .command("show")
    .description("a key: its addresses, who holds it, and whether its certificate verifies here")
    .argument("<key>", "id or name of the key")
    .option("--json", "print one JSON document")
    .addHelpText("after", examples("quorate keys show demo-eddsa", "quorate keys show demo-schnorr --json"))
    .action(runCommand((key: string, _: unknown, self: Command) => show(key, optionsOf(self), context)));
}

function registerCreate(keys: Command, context: CommandContext): void {
  keys
    .command("create")
    .description("make a key that nobody holds whole: every signer of the network gets a share")
    .addOption(
      new Option("--scheme <scheme>", "what kind of signatures it makes")
        .choices(Object.keys(CURVES))
        .makeOptionMandatory(),
    )
    .option("--curve <curve>", "ed25519 for EdDSA, secp256k1 for Schnorr: what the scheme says anyway")
    .option("--name <name>", "a name to find it by (1 to 100 characters)")
    .option("--min-signers <n>", "how many signers a signature takes (2 up to all)", minSigners)
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      examples(
        "quorate keys create --scheme EdDSA --name treasury",
        "quorate keys create --scheme Schnorr --min-signers 4",
      ),
    )
    .action(runCommand((_: unknown, self: Command) => create(optionsOf(self), context)));
}

function minSigners(text: string): number {
  const count = /^[0-9]{1,2}$/.test(text) ? Number(text) : 0;
  if (count < 2 || count > 15)
    throw new InvalidArgumentError("A whole number from 2 to the number of signers (at most 15).");
  return count;
}

async function create(options: CreateOptions, context: CommandContext): Promise<void> {
  const output = new Output(options);
  const { scheme, name } = options;
  const curve = CURVES[scheme];
  if (options.curve !== undefined && options.curve !== curve) {
    refuseArgument("--curve", `${options.curve} does not go with ${scheme}`, `${curve} does; or leave it out`);
  }
  if (name !== undefined && !/^\P{Cc}{1,100}$/u.test(name)) {
    refuseArgument("--name", "is not 1 to 100 characters without control characters", "give a shorter, plainer one");
  }
  const client = await context.connect(options);
  const wanted: NewKey = {
    scheme,
    curve,
    ...(name === undefined ? {} : { name }),
    ...(options.minSigners === undefined ? {} : { minSigners: options.minSigners }),
  };
  output.progress(`making a key for ${scheme}: every signer takes part`);
  const key = await client.createKey(wanted);
  const [details, network] = await Promise.all([client.keyDetails(key.id), client.network()]);
  printKey(output, key, details, network, context.localSigners?.(options));
}

async function list(options: CommonOptions, context: CommandContext): Promise<void> {
  const output = new Output(options);
  const keys = await (await context.connect(options)).keys();
  output.document({ items: keys });
  if (keys.length === 0) output.line("no keys yet; make one: quorate keys create --scheme EdDSA");
  const rows = keys.map(({ id, name, scheme, publicKey }) => [id, name ?? "-", scheme, publicKey]);
  if (rows.length > 0) rows.unshift(["id", "name", "scheme", "public key"]);
  for (const line of table(rows, "")) output.line(line);
}

async function show(idOrName: string, options: CommonOptions, context: CommandContext): Promise<void> {
  const client = await context.connect(options);
  const key = await findKey(client, idOrName);
  const [details, network] = await Promise.all([client.keyDetails(key.id), client.network()]);
  printKey(new Output(options), key, details, network, context.localSigners?.(options));
}

/** Nothing of a key is shown whose certificate does not verify. */
function printKey(
  output: Output,
  key: Key,
  details: KeyDetails,
  network: Network,
  signers: readonly NetworkProcess[] = network.nodes,
): void {
  const certified = checkCertificate(key, details, signers);
  const { members, commitmentLevels } = details;
  // Worked out here: nobody is to be paid at an address that the network only claims.
  const own = addresses(verifyingKey(key));
  output.document({
    ...key,
    ...details,
    addresses: own,
    members: members.map((member) => ({
      ...member,
      region: network.nodes.find(({ name }) => name === member.node)?.region,
      commitmentsReady: commitmentLevels[member.node] ?? 0,
    })),
    certificateVerified: true,
  });
  const ready = members.map(({ node }) => `${node} ${commitmentLevels[node] ?? 0}`).join(", ");
  const holders = placed(
    members.map(({ node }) => node),
    network,
  );
  output.line(
    `${output.style("bold", key.name ?? key.id)}  ${key.scheme}, any ${details.minSigners} of ${members.length} sign`,
  );
  const rows = [
    ["id", key.id],
    ["public key", key.publicKey],
    ...(own.solana === undefined ? [] : [["Solana", own.solana]]),
    ...(own.taproot === undefined
      ? []
      : Object.entries(own.taproot).map(([chain, address]) => [`taproot ${chain}`, address])),
    ["holders", holders],
    ["certificate", `verified here: signed by all ${certified.participants.length} holders`],
    ["commitments", `ready: ${ready}`],
    ["made", key.dateCreated],
  ];
  for (const line of table(rows)) output.line(line);
}
