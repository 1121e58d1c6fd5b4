import { hex } from "@quorate/orders";
import type { Command } from "commander";
import type { Network, SignatureRequest } from "../api-client.ts";
import { VERIFIER } from "../checks/signature.ts";
import { refuseArgument, runCommand } from "../exit.ts";
import { type FormedBytes, formed, writeOut } from "../files.ts";
import { findKey, type VerifyingKey, verifyingKey } from "../key-lookup.ts";
import { Output, table } from "../output.ts";
import { requestRows, signersOf } from "../request-report.ts";
import { checkedResult, type SignedResult } from "../signed-result.ts";
import { type InputOptions, inputKind, inputOptions, type SigningInput, signingInput } from "../signing-input.ts";
import { type CommandContext, type CommonOptions, examples, optionsOf } from "./context.ts";

interface SignOptions extends InputOptions, CommonOptions {
  readonly out?: string;
  readonly outTx?: string;
  readonly externalId?: string;
}

/** `quorate sign`. */
export function registerSign(program: Command, context: CommandContext): void {
  const command = program
    .command("sign")
    .summary("sign a message, a hash, a Solana transaction or a PSBT")
    .description("have the network sign, check the signature here with another library, then print or write it")
    .argument("<key>", "id or name of the key");
  for (const option of inputOptions("sign")) command.addOption(option);
  command
    .option("--out <path>", "write the signature (hex), or the signed transaction or PSBT in the form it was given")
    .option("--out-tx <path>", "with --psbt: write the finished Bitcoin transaction, hex, ready to broadcast")
    .option("--external-id <id>", "your own id (1 to 50 characters): asking again with it gives the same signature")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      examples(
        'quorate sign demo-eddsa --message "hello"',
        "quorate sign demo-eddsa --solana-tx transfer.b64 --out transfer.signed.b64",
        "quorate sign demo-schnorr --psbt spend.psbt --out signed.psbt --out-tx spend.hex",
      ),
    )
    .action(runCommand((key: string, _: unknown, self: Command) => sign(key, optionsOf(self), context)));
}

async function sign(idOrName: string, options: SignOptions, context: CommandContext): Promise<void> {
  const output = new Output(options);
  checkOptions(options);
  const client = await context.connect(options);
  const [key, network] = await Promise.all([findKey(client, idOrName), client.network()]);
  const facts = verifyingKey(key);
  const input = signingInput(options, facts, options.externalId);
  output.progress(`signing with ${key.name ?? key.id}`);
  const request = await client.sign(key.id, input.body);
  const result = checkedResult(request, input, facts);
  writeFiles(options, input, result);
  print(output, { request, result, network, facts, options });
}

/** What can be refused before a network is asked for. */
function checkOptions(options: SignOptions): void {
  const kind = inputKind(options);
  if (options.outTx !== undefined && kind !== "psbt")
    refuseArgument("--out-tx", "goes with --psbt only", "leave it out");
  const { externalId } = options;
  if (externalId !== undefined && !/^.{1,50}$/su.test(externalId)) {
    refuseArgument("--external-id", `has ${externalId.length} characters`, "1 to 50 characters");
  }
}

function writeFiles({ out, outTx }: SignOptions, { form }: SigningInput, result: SignedResult): void {
  const { signatures, signedData, transaction } = result;
  if (out !== undefined) {
    const content: FormedBytes =
      signedData === undefined ? { bytes: signatures[0]!, form: "hex" } : { bytes: signedData, form };
    writeOut("--out", out, formed(content));
  }
  if (outTx === undefined) return;
  if (transaction === undefined) {
    const hint = "let the holders of the other inputs sign the PSBT that --out writes; the last of them can finish it";
    refuseArgument("--out-tx", "the transaction is not finished: other inputs are not signed", hint);
  }
  writeOut("--out-tx", outTx, formed({ bytes: transaction, form: "hex" }));
}

interface Printed {
  readonly request: SignatureRequest;
  readonly result: SignedResult;
  readonly network: Network;
  readonly facts: VerifyingKey;
  readonly options: SignOptions;
}

function print(output: Output, { request, result, network, facts, options }: Printed): void {
  const { signatures, signedData, transaction } = result;
  const publicKey = hex(facts.publicKey);
  const verifiedBy = VERIFIER[facts.suite];
  output.document({
    id: request.id,
    keyId: request.keyId,
    signatures: signatures.map(hex),
    ...(signedData && { signedData: hex(signedData) }),
    ...(transaction && { transaction: hex(transaction) }),
    verified: { by: verifiedBy, publicKey },
    signers: signersOf(request),
    ...request._quorate,
  });
  output.line(`${output.style("green", "signed")} ${request.id}`);
  const rows = [
    ...signatures.map((signature) => ["signature", hex(signature)]),
    ...(signedData ? [["signed", options.out ?? hex(signedData)]] : options.out ? [["written", options.out]] : []),
    ...(transaction ? [["broadcast", options.outTx ?? hex(transaction)]] : []),
    ["verified", `here by ${verifiedBy}, under ${publicKey}`],
    ...requestRows(request, network),
  ];
  for (const line of table(rows)) output.line(line);
}
