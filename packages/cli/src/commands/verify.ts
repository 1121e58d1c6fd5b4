import { type Command, Option } from "commander";
import { EXIT, refuseArgument, runCommand } from "../exit.ts";
import { CURVES } from "../key-lookup.ts";
import { Output, table } from "../output.ts";
import { inputKind, inputOptions } from "../signing-input.ts";
import type { Finding, VerifyOptions } from "../verification/finding.ts";
import { signatureFinding } from "../verification/signature.ts";
import { transactionFinding } from "../verification/transaction.ts";
import { type CommandContext, examples, optionsOf } from "./context.ts";

/** `quorate verify`. */
export function registerVerify(program: Command, context: CommandContext): void {
  const command = program
    .command("verify")
    .summary("check a signature or a signed transaction")
    .description(
      "check with libraries that had no part in signing (OpenSSL, libsecp256k1, bitcoinjs-lib, ox); needs a network only with --key; ends with exit code 3 if not valid",
    )
    .option("--key <key>", "id or name of a key of the running network")
    .option("--public-key <hex>", "public key, 32 bytes; 33 for ECDSA and the internal key of a Schnorr key")
    .addOption(new Option("--scheme <scheme>", "with --public-key").choices(Object.keys(CURVES)))
    .option("--curve <curve>", "with --scheme ECDSA: secp256k1 (the usual) or secp256r1, which signs messages by ES256")
    .option("--address <address>", "whoever has this address on Ethereum, in place of a key")
    .option("--signature <hex>", "64 bytes; 65 with the recovery id of ECDSA, from which the signer is recovered");
  for (const option of inputOptions("check")) command.addOption(option);
  command
    .option("--bitcoin-tx <path>", "a finished Bitcoin transaction; what it spends is read from --psbt")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      examples(
        'quorate verify --key demo-eddsa --message "hello" --signature 5f0c...',
        'quorate verify --public-key 8a31... --scheme EdDSA --message "hello" --signature 5f0c...',
        'quorate verify --address 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --message "hello" --signature 0x91...1b',
        "quorate verify --solana-tx transfer.signed.b64",
        "quorate verify --evm-tx signed.hex --key demo-ecdsa",
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
    const hint = "--bitcoin-tx does not say what it spends: give the PSBT that it was made from";
    refuseArgument("--psbt", "is missing", hint);
  }
  const kind = inputKind(options);
  const isTransaction = kind === "solanaTx" || kind === "psbt" || kind === "evmTx";
  return isTransaction ? transactionFinding(options, kind, context) : signatureFinding(options, kind, context);
}
