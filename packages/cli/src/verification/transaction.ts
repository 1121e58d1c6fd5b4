import { hex } from "@quorate/orders";
import * as Value from "ox/Value";
import { checkSpend, readPsbt, readTransaction, type Spend } from "../checks/bitcoin.ts";
import { readSignedTransaction } from "../checks/ethereum.ts";
import { VERIFIER } from "../checks/signature.ts";
import { checkSolana, readSolana } from "../checks/solana.ts";
import type { CommandContext } from "../commands/context.ts";
import { refuseArgument } from "../exit.ts";
import { readFormed } from "../files.ts";
import { type Finding, refuseOptions, type VerifyOptions } from "./finding.ts";
import { addressOfOwner, namedOwner } from "./owner.ts";

const ALL = ["key", "publicKey", "scheme", "curve", "address", "signature"] as const;

/** Checks a signed transaction or PSBT. @throws CliError if what is given cannot be checked */
export function transactionFinding(
  options: VerifyOptions,
  kind: "solanaTx" | "psbt" | "evmTx",
  context: CommandContext,
): Finding | Promise<Finding> {
  const carried = "a transaction carries its keys and signatures";
  refuseOptions(options, kind === "evmTx" ? ["signature"] : ALL, carried);
  if (kind === "evmTx") return evmFinding(options, context);
  return kind === "solanaTx" ? solanaFinding(options.solanaTx!) : bitcoinFinding(options);
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
    const problem = `input ${other.input} is spent neither by the taproot key path nor as P2WPKH`;
    refuseArgument("--psbt", problem, "only such spends are checked here");
  }
  const transaction = spend.transaction.getId();
  const inputs = verdicts.map(({ input, verdict, owner }) => ({ input, verdict, owner: hex(owner!) }));
  return {
    valid: inputs.every(({ verdict }) => verdict === "valid"),
    by: "bitcoinjs-lib and libsecp256k1",
    facts: { transaction, inputs },
    rows: [
      ["transaction", transaction],
      ...inputs.map((one) => [`input ${one.input}`, `${one.verdict}, ${OWNERS[one.owner.length]} ${one.owner}`]),
    ],
  };
}

const OWNERS: Readonly<Record<number, string>> = { 64: "output key", 40: "key hash" };

/** Every signature leads to some sender: whether it is the right one can be said only of a sender that is named. */
async function evmFinding(options: VerifyOptions, context: CommandContext): Promise<Finding> {
  const { bytes } = readFormed("--evm-tx", options.evmTx!);
  const signed = reading("--evm-tx", () => readSignedTransaction(bytes));
  const owner = await namedOwner(options, context);
  const expected = owner && addressOfOwner(owner);
  if (owner !== undefined && expected === undefined) {
    refuseArgument("--key", "has no address on Ethereum", "name an ECDSA key on secp256k1");
  }
  const { sender, to, value, chainId, nonce, hash, type } = signed;
  return {
    valid: expected === undefined || sender === expected,
    by: `ox and ${VERIFIER["ecdsa-secp256k1"]}`,
    facts: { sender, ...(expected && { expected }), to, value, chainId, nonce, hash, type },
    rows: [
      ["signed by", expected === undefined || sender === expected ? sender : `${sender}, not ${expected}`],
      ["to", to ?? "a new contract"],
      ["value", `${Value.formatEther(value)} ETH`],
      ["chain", `${chainId}, nonce ${nonce}, ${type}`],
      ["hash", hash],
    ],
  };
}
