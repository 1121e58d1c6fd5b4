import type { Command } from "commander";
import type { Network, SignatureRequest } from "../api-client.ts";
import { VERIFIER } from "../checks/signature.ts";
import { refuseArgument, runCommand } from "../exit.ts";
import { formed, writeOut } from "../files.ts";
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

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** `quorate sign`. */
export function registerSign(program: Command, context: CommandContext): void {
  const command = program
    .command("sign")
    .summary("sign a message, a hash, a Solana transaction or a PSBT")
    .description("Has the network sign, checks the signature here with another library, and prints or writes it.")
    .argument("<key>", "id or name of the key");
  for (const option of inputOptions()) command.addOption(option);
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
  print(output, { request, result, network, facts, options });
  if (options.out !== undefined) writeOut("--out", options.out, outContent(input, result));
  if (options.outTx !== undefined && result.transaction !== undefined) {
    writeOut("--out-tx", options.outTx, Buffer.from(`${hexOf(result.transaction)}\n`));
  }
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

function outContent({ form }: SigningInput, { signatures, signedData }: SignedResult): Uint8Array {
  return signedData === undefined
    ? formed({ bytes: signatures[0]!, form: "hex" })
    : formed({ bytes: signedData, form });
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
  const verifiedBy = VERIFIER[facts.suite];
  output.document({
    id: request.id,
    keyId: request.keyId,
    signatures: signatures.map(hexOf),
    ...(signedData && { signedData: hexOf(signedData) }),
    ...(transaction && { transaction: hexOf(transaction) }),
    verified: { by: verifiedBy, publicKey: hexOf(facts.publicKey) },
    signers: signersOf(request),
    ...request._quorate,
  });
  output.line(`${output.style("green", "signed")} ${request.id}`);
  const rows: [string, string][] = [
    ...signatures.map((signature): [string, string] => ["signature", hexOf(signature)]),
    ...(signedData && options.out === undefined ? [["signed", hexOf(signedData)] as [string, string]] : []),
    ...(transaction && options.outTx === undefined ? [["broadcast", hexOf(transaction)] as [string, string]] : []),
    ["verified", `here by ${verifiedBy}, under ${hexOf(facts.publicKey)}`],
    ...requestRows(request, network),
    ...(options.out === undefined ? [] : [["written", options.out] as [string, string]]),
    ...(options.outTx === undefined || !transaction ? [] : [["broadcast", options.outTx] as [string, string]]),
  ];
  for (const line of table(rows)) output.line(line);
}
