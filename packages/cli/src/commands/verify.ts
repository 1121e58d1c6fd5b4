import { group } from "@quorate/curves";
import { hex } from "@quorate/orders";
import { type Command, Option } from "commander";
import { checkSpend, readPsbt, readTransaction, type Spend } from "../checks/bitcoin.ts";
import { checkSignature, VERIFIER } from "../checks/signature.ts";
import { checkSolana, readSolana } from "../checks/solana.ts";
import { EXIT, refuseArgument, runCommand } from "../exit.ts";
import { readFormed } from "../files.ts";
import { CURVES, findKey, type SignScheme, type VerifyingKey, verifyingKey } from "../key-lookup.ts";
import { Output, table } from "../output.ts";
import {
  hexArgument,
  type InputOptions,
  inputKind,
  inputOptions,
  merkleRootOf,
  messageBytes,
} from "../signing-input.ts";
import { type CommandContext, type CommonOptions, examples, optionsOf } from "./context.ts";

interface VerifyOptions extends InputOptions, CommonOptions {
  readonly key?: string;
  readonly publicKey?: string;
  readonly scheme?: SignScheme;
  readonly signature?: string;
  readonly bitcoinTx?: string;
}

/** What a verification found: facts for people as rows of a table, for machines as they are. */
interface Finding {
  readonly valid: boolean;
  readonly by: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly rows: readonly (readonly string[])[];
}

/** `quorate verify`. */
export function registerVerify(program: Command, context: CommandContext): void {
  const command = program
    .command("verify")
    .summary("check a signature or a signed transaction")
    .description(
      "check with libraries that had no part in signing (OpenSSL, libsecp256k1, bitcoinjs-lib); needs a network only with --key; ends with exit code 3 if not valid",
    )
    .option("--key <key>", "id or name of a key of the running network")
    .option("--public-key <hex>", "public key, 32 bytes; 33 for the internal key of a Schnorr key")
    .addOption(new Option("--scheme <scheme>", "with --public-key").choices(Object.keys(CURVES)))
    .option("--signature <hex>", "64 bytes");
  for (const option of inputOptions("check")) command.addOption(option);
  command
    .option("--bitcoin-tx <path>", "a finished Bitcoin transaction; what it spends is read from --psbt")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      examples(
        'quorate verify --key demo-eddsa --message "hello" --signature 5f0c...',
        'quorate verify --public-key 8a31... --scheme EdDSA --message "hello" --signature 5f0c...',
        "quorate verify --solana-tx transfer.signed.b64",
        "quorate verify --psbt signed.psbt --bitcoin-tx spend.hex",
      ),
    )
    .action(runCommand((_: unknown, self: Command) => verify(optionsOf(self), context)));
}

async function verify(options: VerifyOptions, context: CommandContext): Promise<void> {
  const output = new Output(options);
  const { valid, by, facts, rows } = await finding(options, context);
  output.document({ valid, by, ...facts });
  output.line(valid ? output.style("green", "VALID") : output.style("red", "NOT VALID"));
  for (const line of table([...rows, ["checked", `here by ${by}`]])) output.line(line);
  if (!valid) process.exitCode = EXIT.safety;
}

/** @throws CliError if what is given cannot be checked */
async function finding(options: VerifyOptions, context: CommandContext): Promise<Finding> {
  if (options.bitcoinTx !== undefined && options.psbt === undefined) {
    refuseArgument(
      "--psbt",
      "is missing",
      "--bitcoin-tx does not say what it spends: give the PSBT that it was made from",
    );
  }
  const kind = inputKind(options);
  if (kind !== "solanaTx" && kind !== "psbt") return signatureFinding(options, kind, context);
  for (const name of ["key", "publicKey", "scheme", "signature"] as const) {
    if (options[name] !== undefined) {
      const flag = name === "publicKey" ? "--public-key" : `--${name}`;
      refuseArgument(flag, "a transaction carries its keys and signatures", "leave it out");
    }
  }
  return kind === "solanaTx" ? solanaFinding(options.solanaTx!) : bitcoinFinding(options);
}

async function signatureFinding(
  options: VerifyOptions,
  kind: "message" | "messageHex" | "file" | "hash",
  context: CommandContext,
): Promise<Finding> {
  if (options.signature === undefined) refuseArgument("--signature", "is missing", "give its 64 bytes in hex");
  const signature = hexArgument("--signature", options.signature, 64);
  const message = kind === "hash" ? hexArgument("--hash", options.hash!, 32) : messageBytes(kind, options);
  const merkleRoot = merkleRootOf(options);
  const key = await keyOf(options, context);
  if (key.suite === "taproot" && kind !== "hash") {
    refuseArgument("--hash", "is missing: a Schnorr key signs 32 bytes", "give the hash of what was signed");
  }
  if (key.suite === "taproot" && merkleRoot === null && options.key !== undefined) {
    refuseArgument(
      "--key-path",
      "is missing: the network signs with a taproot tweak",
      "add it, or --merkle-root <hex>",
    );
  }
  if (key.suite === "ed25519" && merkleRoot !== null) {
    refuseArgument("--key-path or --merkle-root", "goes with Schnorr keys only", "leave it out");
  }
  const publicKey = hex(key.publicKey);
  return {
    valid: checkSignature(key, message, merkleRoot, signature),
    by: VERIFIER[key.suite],
    facts: { publicKey, suite: key.suite },
    rows: [["key", publicKey]],
  };
}

async function keyOf(options: VerifyOptions, context: CommandContext): Promise<VerifyingKey> {
  const { key, publicKey, scheme } = options;
  if (key !== undefined && publicKey !== undefined) refuseArgument("--public-key", "cannot go with --key", "give one");
  if (key !== undefined) return verifyingKey(await findKey(await context.connect(options), key));
  if (publicKey === undefined) refuseArgument("--key", "is missing", "give --key, or --public-key and --scheme");
  if (scheme === undefined) refuseArgument("--scheme", "is missing", "EdDSA or Schnorr");
  const bytes = hexArgument("--public-key", publicKey, ...(scheme === "EdDSA" ? [32] : [32, 33]));
  const point = scheme === "Schnorr" && bytes.length === 32 ? Uint8Array.of(2, ...bytes) : bytes;
  try {
    group(CURVES[scheme], "noble").decodePoint(point);
  } catch (error) {
    refuseArgument(
      "--public-key",
      `is no key on ${CURVES[scheme]} (${(error as Error).message})`,
      "check it, and --scheme",
    );
  }
  return { suite: scheme === "EdDSA" ? "ed25519" : "taproot", publicKey: bytes };
}

/** Reads what an argument names, and says which argument it was when that fails. */
function reading<T>(argument: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    return refuseArgument(argument, `cannot be read: ${(error as Error).message}`, "give the signed one, whole");
  }
}

function solanaFinding(path: string): Finding {
  const { bytes } = readFormed("--solana-tx", path);
  const verdicts = checkSolana(reading("--solana-tx", () => readSolana(bytes)));
  return {
    valid: verdicts.length > 0 && verdicts.every(({ verdict }) => verdict === "valid"),
    by: VERIFIER.ed25519,
    facts: { signatures: verdicts },
    rows: verdicts.map(({ signer, verdict }) => [signer, verdict]),
  };
}

function bitcoinFinding({ psbt, bitcoinTx }: VerifyOptions): Finding {
  const given = readFormed("--psbt", psbt!);
  let spend: Spend = reading("--psbt", () => readPsbt(given.bytes));
  if (bitcoinTx !== undefined) {
    const { bytes } = readFormed("--bitcoin-tx", bitcoinTx);
    const madeFrom = spend;
    spend = reading("--bitcoin-tx", () => readTransaction(bytes, madeFrom));
  }
  const verdicts = checkSpend(spend);
  const other = verdicts.find(({ verdict }) => verdict === "other");
  if (other !== undefined) {
    refuseArgument(
      "--psbt",
      `input ${other.input} is not spent by the taproot key path`,
      "only such spends are checked here",
    );
  }
  const transaction = spend.transaction.getId();
  const inputs = verdicts.map(({ input, verdict, outputKey }) => ({ input, verdict, outputKey: hex(outputKey!) }));
  return {
    valid: inputs.every(({ verdict }) => verdict === "valid"),
    by: "bitcoinjs-lib and libsecp256k1",
    facts: { transaction, inputs },
    rows: [
      ["transaction", transaction],
      ...inputs.map((one) => [`input ${one.input}`, `${one.verdict}, output key ${one.outputKey}`]),
    ],
  };
}
