import { MAX_POOL, type Scheme } from "@quorate/coordinator";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { ApiClient, Key, NewKey } from "../api-client.ts";
import { checkCertificate } from "../checks/certificate.ts";
import { CliError, EXIT, refuseArgument, runCommand } from "../exit.ts";
import { CURVES, findKey, suiteOf } from "../key-lookup.ts";
import { showKey } from "../key-report.ts";
import { Output, table } from "../output.ts";
import { type CommandContext, type CommonOptions, examples, optionsOf } from "./context.ts";

interface CreateOptions extends CommonOptions {
  readonly scheme: Scheme;
  readonly curve?: string;
  readonly name?: string;
  readonly minSigners?: number;
  readonly presign?: number;
}

interface DeriveOptions extends CommonOptions {
  readonly path?: string;
  readonly name?: string;
}

/** `quorate keys create`, `derive`, `refresh`, `ls` and `show`. */
export function registerKeys(program: Command, context: CommandContext): void {
  const keys = program.command("keys").description("make, derive and show keys");
  registerCreate(keys, context);
  registerDerive(keys, context);
  registerRefresh(keys, context);
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
    .addHelpText("after", examples("quorate keys show demo-eddsa", "quorate keys show demo-ecdsa --json"))
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
    .option("--curve <curve>", "secp256k1 (the usual) or secp256r1 for ECDSA; all others have one curve only")
    .option("--name <name>", "a name to find it by (1 to 100 characters)")
    .option("--min-signers <n>", "how many signers a signature takes (2 up to all)", minSigners)
    .option("--presign <n>", "keep so many presignatures of an ECDSA key lying ready, also before it is used", presign)
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      examples(
        "quorate keys create --scheme EdDSA --name treasury",
        "quorate keys create --scheme ECDSA --name payer --presign 8",
        "quorate keys create --scheme Schnorr --min-signers 4",
      ),
    )
    .action(runCommand((_: unknown, self: Command) => create(optionsOf(self), context)));
}

function registerDerive(keys: Command, context: CommandContext): void {
  keys
    .command("derive")
    .description("derive a child of a key, which the same signers hold: BIP-32 on secp256k1, SLIP-10 on secp256r1")
    .argument("<key>", "id or name of the key")
    .option("--path <path>", "where below it, such as m/0 or m/44/60/0 (default: the next free index)")
    .option("--name <name>", "a name to find it by (1 to 100 characters)")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      examples("quorate keys derive demo-ecdsa", "quorate keys derive payer --path m/0/7 --name bob"),
    )
    .action(runCommand((key: string, _: unknown, self: Command) => derive(key, optionsOf(self), context)));
}

function registerRefresh(keys: Command, context: CommandContext): void {
  keys
    .command("refresh")
    .description(
      "give all holders of a key new shares: the key stays, and whatever was taken of the old ones is worthless",
    )
    .argument("<key>", "id or name of the key")
    .option("--json", "print one JSON document")
    .addHelpText("after", examples("quorate keys refresh treasury", "quorate keys refresh demo-ecdsa --json"))
    .action(runCommand((key: string, _: unknown, self: Command) => refresh(key, optionsOf(self), context)));
}

function minSigners(text: string): number {
  const count = /^[0-9]{1,2}$/.test(text) ? Number(text) : 0;
  if (count < 2 || count > 15)
    throw new InvalidArgumentError("A whole number from 2 to the number of signers (at most 15).");
  return count;
}

/** A count of presignatures. */
export function presign(text: string): number {
  const count = /^[0-9]{1,3}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MAX_POOL) throw new InvalidArgumentError(`A whole number from 1 to ${MAX_POOL}.`);
  return count;
}

async function create(options: CreateOptions, context: CommandContext): Promise<void> {
  const output = new Output(options);
  const { scheme } = options;
  const curve = options.curve ?? CURVES[scheme][0];
  suiteOf(scheme, curve);
  checkName(options);
  if (options.presign !== undefined && scheme !== "ECDSA") {
    refuseArgument(
      "--presign",
      `goes with ECDSA only`,
      "leave it out: other keys sign in one round trip by themselves",
    );
  }
  const client = await context.connect(options);
  const wanted: NewKey = {
    scheme,
    curve: curve as NewKey["curve"],
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.minSigners === undefined ? {} : { minSigners: options.minSigners }),
    ...(options.presign === undefined ? {} : { presign: options.presign }),
  };
  output.progress(`making a key for ${scheme}: every signer takes part`);
  await print(output, client, await client.createKey(wanted), options, context);
}

async function derive(idOrName: string, options: DeriveOptions, context: CommandContext): Promise<void> {
  const output = new Output(options);
  checkName(options);
  const client = await context.connect(options);
  const { id, scheme, curve } = await findKey(client, idOrName);
  const { name, path } = options;
  const deriveFrom = { keyId: id, ...(path === undefined ? {} : { path }) };
  const child = await client.createKey({ scheme, curve, deriveFrom, ...(name === undefined ? {} : { name }) });
  await print(output, client, child, options, context);
}

async function refresh(idOrName: string, options: CommonOptions, context: CommandContext): Promise<void> {
  const output = new Output(options);
  const client = await context.connect(options);
  const key = await findKey(client, idOrName);
  output.progress("making new shares: every holder takes part");
  const { id, _quorate } = await client.refreshKey(key.id);
  const { epoch } = _quorate;
  const [details, network] = await Promise.all([client.keyDetails(id), client.network()]);
  const certified = checkCertificate(key, details, context.localSigners?.(options) ?? network.nodes);
  if (certified.epoch !== epoch) {
    const problem = `the certificate is that of epoch ${certified.epoch}, not ${epoch}`;
    throw new CliError(EXIT.safety, problem, "ask again with quorate keys show", { epoch, certified: certified.epoch });
  }
  output.document({ id, keyId: details.keyId, epoch, certificate: details.certificate, certificateVerified: true });
  output.line(`${key.name ?? id}: all ${certified.participants.length} holders signed for new shares (epoch ${epoch})`);
}

function checkName({ name }: { readonly name?: string }): void {
  if (name !== undefined && !/^\P{Cc}{1,100}$/u.test(name)) {
    refuseArgument("--name", "is not 1 to 100 characters without control characters", "give a shorter, plainer one");
  }
}

async function list(options: CommonOptions, context: CommandContext): Promise<void> {
  const output = new Output(options);
  const keys = await (await context.connect(options)).keys();
  output.document({ items: keys });
  if (keys.length === 0) output.line("no keys yet; make one: quorate keys create --scheme EdDSA");
  const names = new Map(keys.map(({ id, name }) => [id, name ?? id]));
  const rows = keys.map(({ id, name, scheme, curve, publicKey, derivedFrom }) => {
    const kind = curve === CURVES[scheme][0] ? scheme : `${scheme} ${curve}`;
    const from = derivedFrom && `, ${derivedFrom.path} of ${names.get(derivedFrom.keyId) ?? derivedFrom.keyId}`;
    return [id, name ?? "-", `${kind}${from ?? ""}`, publicKey];
  });
  if (rows.length > 0) rows.unshift(["id", "name", "scheme", "public key"]);
  for (const line of table(rows, "")) output.line(line);
}

async function show(idOrName: string, options: CommonOptions, context: CommandContext): Promise<void> {
  const client = await context.connect(options);
  await print(new Output(options), client, await findKey(client, idOrName), options, context);
}

async function print(
  output: Output,
  client: ApiClient,
  key: Key,
  options: CommonOptions,
  context: CommandContext,
): Promise<void> {
  const origin = key.derivedFrom && client.key(key.derivedFrom.keyId);
  const [details, network, parent] = await Promise.all([client.keyDetails(key.id), client.network(), origin]);
  showKey(output, { key, details, network, parent, signers: context.localSigners?.(options) ?? network.nodes });
}
