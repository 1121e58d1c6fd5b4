import { hex, isEcdsa } from "@quorate/orders";
import type { Command } from "commander";
import type { Network, SignatureRequest } from "../api-client.ts";
import { VERIFIER } from "../checks/signature.ts";
import { refuseArgument, runCommand } from "../exit.ts";
import { formed, writeOut } from "../files.ts";
import { findKey, type VerifyingKey, verifyingKey } from "../key-lookup.ts";
import { Output, table } from "../output.ts";
import { RAW_DIGEST, requestRows, signersOf } from "../request-report.ts";
import { checkedResult, dataText, type SignedResult, signatureText } from "../signed-result.ts";
import { type InputOptions, inputKind, inputOptions, type SigningInput, signingInput } from "../signing-input.ts";
import { type CommandContext, type CommonOptions, examples, optionsOf } from "./context.ts";

interface SignOptions extends InputOptions, CommonOptions {
  readonly out?: string;
  readonly outTx?: string;
  readonly externalId?: string;
}

const AFTERWORD = `

--evm-tx takes JSON as viem and ethers write it, quantities as numbers or as decimal or 0x-hex text:
  { "chainId": 1, "nonce": 0, "to": "0x...", "value": "1000000000000000", "gas": 21000,
    "maxFeePerGas": "30000000000", "maxPriorityFeePerGas": "1000000000" }
  or gasPrice in place of the two fees; data and accessList where there are any; "to": null creates a contract.
  What is printed and written is the signed raw transaction, for eth_sendRawTransaction.

--hash with an ECDSA key takes four rounds among the signers, where messages and transactions take one round trip: the signers
  hash those themselves. ${RAW_DIGEST}`;

/** `quorate sign`. */
export function registerSign(program: Command, context: CommandContext): void {
  const command = program
    .command("sign")
    .summary("sign a message, a hash, typed data, a Solana or Ethereum transaction, or a PSBT")
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
        "quorate sign demo-ecdsa --evm-tx transfer.json --out signed.hex",
        "quorate sign demo-ecdsa --eip712 order.json",
      ) + AFTERWORD,
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
  print(output, { request, result, network, facts, input, options });
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

function writeFiles({ out, outTx }: SignOptions, input: SigningInput, result: SignedResult): void {
  const { signatures, signedData, transaction } = result;
  if (out !== undefined) {
    const text = () => Buffer.from(`${signatureText(input, signatures[0]!)}\n`);
    writeOut("--out", out, signedData === undefined ? text() : formed({ bytes: signedData, form: input.form }));
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
  readonly input: SigningInput;
  readonly options: SignOptions;
}

function print(output: Output, { request, result, network, facts, input, options }: Printed): void {
  const { signatures, signedData, transaction, ethereum } = result;
  const publicKey = hex(facts.publicKey);
  const verifiedBy = VERIFIER[facts.suite];
  const data = signedData && dataText(input, signedData);
  const texts = signatures.map((signature) => signatureText(input, signature));
  output.document({
    id: request.id,
    keyId: request.keyId,
    signatures: texts,
    ...(data && { signedData: data }),
    ...(transaction && { transaction: hex(transaction) }),
    ...(ethereum && { hash: ethereum.hash, from: ethereum.sender }),
    verified: { by: verifiedBy, publicKey },
    signers: signersOf(request),
    ...request._quorate,
  });
  output.line(`${output.style("green", "signed")} ${request.id}`);
  const rows = [
    ...texts.map((text) => ["signature", text]),
    ...(ethereum
      ? [
          ["from", ethereum.sender],
          ["hash", ethereum.hash],
        ]
      : []),
    ...(data ? [["signed", options.out ?? data]] : options.out ? [["written", options.out]] : []),
    ...(transaction ? [["broadcast", options.outTx ?? hex(transaction)]] : []),
    ["verified", `here by ${verifiedBy}, under ${publicKey}`],
    ...requestRows(request, network),
    ...(input.kind === "hash" && isEcdsa(facts.suite) ? [["", `no presignature: ${RAW_DIGEST}`]] : []),
  ];
  for (const line of table(rows)) output.line(line);
}
