import { hex } from "@quorate/orders";
import { Transaction as Converter } from "@scure/btc-signer";
import { crypto, Psbt, script, Transaction } from "bitcoinjs-lib";
import { checkEcdsa } from "./ecdsa.ts";
import { checkSchnorr } from "./signature.ts";

/** What became of one input of a Bitcoin transaction. `other`: spent in a way that is not checked here. */
export interface InputVerdict {
  readonly input: number;
  readonly verdict: "valid" | "invalid" | "unsigned" | "other";
  /** What it spends by: the taproot output key, x coordinate, 32 bytes; or the hash of a public key (P2WPKH), 20 bytes. */
  readonly owner?: Uint8Array;
}

interface Output {
  readonly script: Uint8Array;
  readonly value: bigint;
}

/** The items of a witness: of a taproot key path one signature, of P2WPKH the signature and the public key. */
export type Witness = readonly Uint8Array[];

/** A transaction, what it spends, and the witness of each input; `other` for inputs that are spent without one. */
export interface Spend {
  readonly transaction: Transaction;
  readonly spent: readonly Output[];
  readonly witnesses: readonly (Witness | "other" | undefined)[];
  /** The finished transaction; absent while an input is not finalised. */
  readonly final?: Uint8Array;
}

type Input = Psbt["data"]["inputs"][number];

/** Reads a PSBT, signed or not, with bitcoinjs-lib. @throws Error saying what is wrong */
export function readPsbt(bytes: Uint8Array): Spend {
  const psbt = Psbt.fromBuffer(versionZero(bytes));
  const { inputs, globalMap } = psbt.data;
  const transaction = Transaction.fromBuffer(globalMap.unsignedTx.toBuffer());
  const spent = inputs.map((input, at) => spentOutput(input, at, transaction));
  const isFinal = inputs.every((input) => input.finalScriptWitness ?? input.finalScriptSig);
  const final = isFinal ? { final: psbt.extractTransaction(true).toBuffer() } : {};
  return { transaction, spent, witnesses: inputs.map(witnessOf), ...final };
}

/** bitcoinjs-lib reads the first version of the format (BIP-174) only. */
function versionZero(bytes: Uint8Array): Uint8Array {
  const options = { allowUnknownInputs: true, allowUnknownOutputs: true, unknown: "ignore" } as const;
  return Converter.fromPSBT(bytes, options).toPSBT(0);
}

function spentOutput({ witnessUtxo, nonWitnessUtxo }: Input, at: number, { ins }: Transaction): Output {
  if (witnessUtxo !== undefined) return { script: witnessUtxo.script, value: witnessUtxo.value };
  const { hash, index } = ins[at]!;
  const previous = nonWitnessUtxo && Transaction.fromBuffer(nonWitnessUtxo);
  const output = previous?.outs[index];
  if (output === undefined || Buffer.compare(previous!.getHash(), hash) !== 0) {
    throw new Error(`input ${at} has no witnessUtxo, nor the transaction that it spends from`);
  }
  return output;
}

function witnessOf(input: Input): Witness | "other" | undefined {
  const { tapKeySig, finalScriptWitness, finalScriptSig, partialSig, tapScriptSig } = input;
  if (finalScriptWitness !== undefined) return witnessItems(finalScriptWitness);
  if (tapKeySig !== undefined) return [tapKeySig];
  const [only, another] = partialSig ?? [];
  if (only !== undefined && another === undefined) return [only.signature, only.pubkey];
  return (finalScriptSig ?? partialSig ?? tapScriptSig) ? "other" : undefined;
}

/** The items of a witness as it stands in a PSBT; what is longer than any that is checked here is `other`. */
function witnessItems(witness: Uint8Array): Witness | "other" {
  const items: Uint8Array[] = [];
  let at = 1;
  while (at < witness.length) {
    const end = at + 1 + witness[at]!;
    if (witness[at]! > 0x80 || end > witness.length) return "other";
    items.push(witness.subarray(at + 1, end));
    at = end;
  }
  return items.length === witness[0] ? items : "other";
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
  const witnesses = transaction.ins.map(({ witness, script: input }) => {
    if (input.length > 0) return "other";
    return witness.length === 0 ? undefined : witness;
  });
  return { transaction, spent: madeFrom.spent, witnesses, final: bytes };
}

/** Checks the signature of each input: bitcoinjs-lib computes what BIP-341 and BIP-143 sign, libsecp256k1 verifies. */
export function checkSpend(spend: Spend): InputVerdict[] {
  return spend.witnesses.map((witness, input) => {
    const { script: output } = spend.spent[input]!;
    const owner = taprootKey(output) ?? keyHash(output);
    if (owner === undefined || witness === "other") return { input, verdict: "other" };
    if (witness === undefined) return { input, verdict: "unsigned", owner };
    const isTaproot = owner.length === 32;
    if (witness.length !== (isTaproot ? 1 : 2)) return { input, verdict: "other" };
    const isValid = isTaproot
      ? holdsTaproot(spend, input, owner, witness[0]!)
      : holdsP2wpkh(spend, input, owner, witness);
    return { input, verdict: isValid ? "valid" : "invalid", owner };
  });
}

/** The signature in a witness as 64 bytes, hex: of taproot as it is, of P2WPKH its r and s. */
export function numbersOf([signature, publicKey]: Witness): string | undefined {
  if (publicKey === undefined) return signature && hex(signature.subarray(0, 64));
  try {
    return hex(script.signature.decode(signature!).signature);
  } catch {
    return undefined;
  }
}

/** The key of a taproot output (BIP-341: `OP_1` and 32 bytes). */
function taprootKey(output: Uint8Array): Uint8Array | undefined {
  return output.length === 34 && output[0] === 0x51 && output[1] === 32 ? output.subarray(2) : undefined;
}

/** The hash of a key in a P2WPKH output (BIP-141: `OP_0` and 20 bytes). */
function keyHash(output: Uint8Array): Uint8Array | undefined {
  return output.length === 22 && output[0] === 0 && output[1] === 20 ? output.subarray(2) : undefined;
}

function holdsTaproot({ transaction, spent }: Spend, input: number, key: Uint8Array, signature: Uint8Array): boolean {
  const type = signature[64] ?? Transaction.SIGHASH_DEFAULT;
  // A 65th byte of 0 would be a second encoding of the same signature (BIP-341).
  const isCanonical = signature.length === 64 || (signature.length === 65 && type !== Transaction.SIGHASH_DEFAULT);
  const scripts = spent.map((one) => one.script);
  const values = spent.map(({ value }) => value);
  const digest = transaction.hashForWitnessV1(input, scripts, values, type);
  return isCanonical && checkSchnorr(key, digest, signature.subarray(0, 64));
}

function holdsP2wpkh({ transaction, spent }: Spend, input: number, hash: Uint8Array, witness: Witness): boolean {
  const [encoded, publicKey] = [witness[0]!, witness[1]!];
  if (publicKey.length !== 33 || Buffer.compare(crypto.hash160(publicKey), hash) !== 0) return false;
  try {
    const { signature, hashType } = script.signature.decode(encoded);
    const digest = transaction.hashForWitnessV0(input, keyHashScript(hash), spent[input]!.value, hashType);
    return checkEcdsa("ecdsa-secp256k1", publicKey, digest, signature);
  } catch {
    return false; // not DER (BIP-66), or a hash type that there is not
  }
}

/** What BIP-143 hashes in place of the output's script: `OP_DUP OP_HASH160 <hash> OP_EQUALVERIFY OP_CHECKSIG`. */
function keyHashScript(hash: Uint8Array): Uint8Array {
  return Uint8Array.of(0x76, 0xa9, 20, ...hash, 0x88, 0xac);
}
