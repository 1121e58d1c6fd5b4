import { SigHash, type Transaction } from "@scure/btc-signer";
import { derSignature } from "../ecdsa-signature.ts";
import type { PublicKeyFacts } from "../key.ts";
import { scriptCode, witnessScript } from "./p2wpkh.ts";
import { type Input, type OwnInput, reading, refuse, refuseSighash, same } from "./psbt-input.ts";

/**
 * A signature of segwit version 0 covers the amount of its own input alone (BIP-143). Whoever lies about the others, once in each
 * of two requests, puts together a transaction that pays the difference as fees. So where there are others, the transactions that
 * they spend from have to be given: those are held against the transaction ids, and prove every amount.
 */
function checkAmounts(inputs: readonly Input[]): void {
  if (inputs.length === 1) return;
  const at = inputs.findIndex(({ nonWitnessUtxo }) => nonWitnessUtxo === undefined);
  if (at < 0) return;
  refuse(
    `input ${at} has no nonWitnessUtxo`,
    "add the whole transaction that it spends from to every input: without it nothing proves the amounts, and so the fee",
  );
}

/** The output that an input spends, where the PSBT says. The library has held `witnessUtxo` against `nonWitnessUtxo`. */
function spentOutput({
  witnessUtxo,
  nonWitnessUtxo,
  index,
}: Input): { script: Uint8Array; amount: bigint } | undefined {
  return witnessUtxo ?? (index === undefined ? undefined : nonWitnessUtxo?.outputs[index]);
}

function isSigned({ partialSig, finalScriptWitness }: Input, { publicKey }: PublicKeyFacts): boolean {
  return finalScriptWitness !== undefined || (partialSig ?? []).some(([signer]) => same(signer, publicKey));
}

function checkSighash({ sighashType: type = SigHash.ALL }: Input, at: number): void {
  if (type !== SigHash.ALL) refuseSighash(type, at, "use SIGHASH_ALL");
}

/** The digest of an input that spends an output of this key (BIP-143), SIGHASH_ALL. 32 bytes. */
export function witnessDigest(transaction: Transaction, at: number, key: PublicKeyFacts, amount: bigint): Uint8Array {
  return reading(() => transaction.preimageWitnessV0(at, scriptCode(key), SigHash.ALL, amount));
}

/**
 * The inputs that spend an output to this key (P2WPKH) and that it has not signed yet.
 *
 * @throws InputError
 */
export function witnessInputs(transaction: Transaction, inputs: readonly Input[], key: PublicKeyFacts): OwnInput[] {
  const script = witnessScript(key);
  const own = inputs.flatMap((input, at) => {
    const spent = spentOutput(input);
    if (spent === undefined || !same(script, spent.script) || isSigned(input, key)) return [];
    checkSighash(input, at);
    const item = () => ({
      message: witnessDigest(transaction, at, key, spent.amount),
      merkleRoot: null,
      prehashed: false,
    });
    const signed: OwnInput["signed"] = (signature) => ({
      partialSig: [[key.publicKey, Uint8Array.of(...derSignature(signature), SigHash.ALL)]],
    });
    return [{ at, item, signed }];
  });
  if (own.length > 0) checkAmounts(inputs);
  return own;
}
