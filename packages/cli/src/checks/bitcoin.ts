import { Transaction as Converter } from "@scure/btc-signer";
import { Psbt, Transaction } from "bitcoinjs-lib";
import { checkSchnorr } from "./signature.ts";

/** What became of one input of a Bitcoin transaction. `other`: spent in a way that is not checked here. */
export interface InputVerdict {
  readonly input: number;
  readonly verdict: "valid" | "invalid" | "unsigned" | "other";
  /** The taproot output key that it spends, x coordinate, 32 bytes. */
  readonly outputKey?: Uint8Array;
}

interface Output {
  readonly script: Uint8Array;
  readonly value: bigint;
}

/** A transaction, what it spends, and per input the taproot key-path signature: 64 bytes, or 65 with a hash type. */
export interface Spend {
  readonly transaction: Transaction;
  readonly spent: readonly Output[];
  readonly signatures: readonly (Uint8Array | "other" | undefined)[];
  /** The finished transaction; absent while an input is not finalised. */
  readonly final?: Uint8Array;
}

/** The witness of a key-path spend as it stands in a PSBT: one item of 64 or 65 bytes. */
function keyPathWitness(witness: Uint8Array): Uint8Array | "other" {
  const [count, length] = witness;
  const isKeyPath = count === 1 && (length === 64 || length === 65) && witness.length === 2 + length;
  return isKeyPath ? witness.subarray(2) : "other";
}

/** Reads a PSBT, signed or not, with bitcoinjs-lib. @throws Error saying what is wrong */
export function readPsbt(bytes: Uint8Array): Spend {
  const psbt = Psbt.fromBuffer(versionZero(bytes));
  const { inputs, globalMap } = psbt.data;
  const spent = inputs.map(({ witnessUtxo }, at) => {
    if (witnessUtxo === undefined) throw new Error(`input ${at} has no witnessUtxo`);
    return { script: witnessUtxo.script, value: witnessUtxo.value };
  });
  const signatures = inputs.map(({ tapKeySig, finalScriptWitness, finalScriptSig, partialSig, tapScriptSig }) => {
    if (finalScriptWitness !== undefined) return keyPathWitness(finalScriptWitness);
    return tapKeySig ?? ((finalScriptSig ?? partialSig ?? tapScriptSig) ? "other" : undefined);
  });
  const transaction = Transaction.fromBuffer(globalMap.unsignedTx.toBuffer());
  const isFinal = inputs.every((input) => input.finalScriptWitness ?? input.finalScriptSig);
  return { transaction, spent, signatures, ...(isFinal ? { final: psbt.extractTransaction(true).toBuffer() } : {}) };
}

/** bitcoinjs-lib reads the first version of the format (BIP-174) only. */
function versionZero(bytes: Uint8Array): Uint8Array {
  const options = { allowUnknownInputs: true, allowUnknownOutputs: true, unknown: "ignore" } as const;
  return Converter.fromPSBT(bytes, options).toPSBT(0);
}

/**
 * Reads a finished transaction. What it spends is not in it, and is taken from the PSBT that it was made from.
 *
 * @throws Error if it is not a transaction, or another than the PSBT's
 */
export function readTransaction(bytes: Uint8Array, madeFrom: Spend): Spend {
  const transaction = Transaction.fromBuffer(bytes);
  if (transaction.getId() !== madeFrom.transaction.getId()) {
    throw new Error(`is ${transaction.getId()}, and the PSBT is for ${madeFrom.transaction.getId()}`);
  }
  const signatures = transaction.ins.map(({ witness, script }) => {
    if (witness.length === 0 && script.length === 0) return undefined;
    const [only] = witness;
    return witness.length === 1 && (only!.length === 64 || only!.length === 65) ? only! : "other";
  });
  return { transaction, spent: madeFrom.spent, signatures, final: bytes };
}

/** The key of a taproot output (BIP-341: `OP_1` and 32 bytes). */
function outputKeyOf({ script }: Output): Uint8Array | undefined {
  return script.length === 34 && script[0] === 0x51 && script[1] === 32 ? script.subarray(2) : undefined;
}

/** Checks the key-path signature of each input: bitcoinjs-lib computes what BIP-341 signs, libsecp256k1 verifies. */
export function checkSpend({ transaction, spent, signatures }: Spend): InputVerdict[] {
  const scripts = spent.map(({ script }) => script);
  const values = spent.map(({ value }) => value);
  return signatures.map((signature, input) => {
    const outputKey = outputKeyOf(spent[input]!);
    if (outputKey === undefined || signature === "other") return { input, verdict: "other" };
    if (signature === undefined) return { input, verdict: "unsigned", outputKey };
    const type = signature[64] ?? Transaction.SIGHASH_DEFAULT;
    // A 65th byte of 0 would be a second encoding of the same signature (BIP-341).
    const isCanonical = signature.length === 64 || (signature.length === 65 && type !== Transaction.SIGHASH_DEFAULT);
    const isValid =
      isCanonical &&
      checkSchnorr(outputKey, transaction.hashForWitnessV1(input, scripts, values, type), signature.subarray(0, 64));
    return { input, verdict: isValid ? "valid" : "invalid", outputKey };
  });
}
