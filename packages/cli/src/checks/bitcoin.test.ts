import { secp256k1 } from "@noble/curves/secp256k1.js";
import { assemble, deriveDigests } from "@quorate/authority";
import { hex, unhex } from "@quorate/orders";
import { p2wpkh, SigHash, Transaction } from "@scure/btc-signer";
import { describe, expect, it } from "vitest";
import { ecdsaKey } from "../testing/one-key-network.ts";
import { checkSpend, readPsbt, readTransaction } from "./bitcoin.ts";

const key = ecdsaKey(9);
const other = ecdsaKey(10);
const { script } = p2wpkh(key.facts.publicKey);

/** The transaction that paid the coins: two outputs of the key. */
const funding = new Transaction({ disableScriptCheck: true, allowUnknownOutputs: true });
funding.addOutput({ script, amount: 50_000n });
funding.addOutput({ script, amount: 30_000n });
const nonWitnessUtxo = funding.toBytes(true, false);

function psbt(...more: readonly Parameters<Transaction["addInput"]>[0][]): Uint8Array {
  const transaction = new Transaction();
  const inputs = more.length > 0 ? more : [{ txid: funding.id, index: 0, witnessUtxo: { script, amount: 50_000n } }];
  for (const input of inputs) transaction.addInput(input);
  transaction.addOutput({ script, amount: 20_000n });
  return transaction.toPSBT();
}

function signed(bytes: Uint8Array, by = key): Uint8Array {
  const body = { kind: "Psbt", psbt: hex(bytes) };
  const signatures = deriveDigests(body, by.facts).items.map(({ message }) => by.sign(message, null));
  return unhex(assemble(body, by.facts, signatures).signedData!.slice(2));
}

const verdicts = (bytes: Uint8Array) => checkSpend(readPsbt(bytes)).map(({ verdict }) => verdict);

describe("a P2WPKH spend", () => {
  it("is valid once signed, in the PSBT and as the finished transaction, and owned by the hash of the key", () => {
    expect(verdicts(psbt())).toEqual(["unsigned"]);
    const bytes = signed(psbt());
    const [verdict] = checkSpend(readPsbt(bytes));
    expect(verdict).toMatchObject({ verdict: "valid" });
    expect(hex(verdict!.owner!)).toBe(hex(script.subarray(2)));
    const { final } = readPsbt(bytes);
    expect(checkSpend(readTransaction(final!, readPsbt(psbt())))).toMatchObject([{ verdict: "valid" }]);
  });

  it("is valid with several inputs, whose amounts the transactions that they spend from prove", () => {
    const both = psbt(...[0, 1].map((index) => ({ txid: funding.id, index, nonWitnessUtxo })));
    expect(verdicts(signed(both))).toEqual(["valid", "valid"]);
  });

  it("with any part of its signature changed, or for another amount, is invalid", () => {
    const spend = readPsbt(signed(psbt()));
    const [signature, publicKey] = spend.witnesses[0] as readonly Uint8Array[];
    for (const at of [0, 3, 10, 40, signature!.length - 1]) {
      const changed = [signature!.with(at, signature![at]! ^ 1), publicKey!];
      expect(checkSpend({ ...spend, witnesses: [changed] })).toMatchObject([{ verdict: "invalid" }]);
    }
    const spent = [{ script, value: 50_001n }];
    expect(checkSpend({ ...spend, spent })).toMatchObject([{ verdict: "invalid" }]);
  });

  it("by the signature of another key is invalid, whatever that key signs", () => {
    const spend = readPsbt(signed(psbt()));
    const digest = spend.transaction.hashForWitnessV0(
      0,
      Uint8Array.of(0x76, 0xa9, 20, ...script.subarray(2), 0x88, 0xac),
      50_000n,
      SigHash.ALL,
    );
    const compact = other.sign(digest, null).subarray(0, 64);
    const der = secp256k1.Signature.fromBytes(compact).toBytes("der");
    const witness = [Uint8Array.of(...der, SigHash.ALL), other.facts.publicKey];
    expect(checkSpend({ ...spend, witnesses: [witness] })).toMatchObject([{ verdict: "invalid" }]);
  });

  it("by a witness of another form is not judged", () => {
    const spend = readPsbt(signed(psbt()));
    const [signature] = spend.witnesses[0] as readonly Uint8Array[];
    expect(checkSpend({ ...spend, witnesses: [[signature!]] })).toMatchObject([{ verdict: "other" }]);
  });

  it("cannot be read where the PSBT does not say what it spends, or says it of another transaction", () => {
    expect(() => readPsbt(psbt({ txid: funding.id, index: 0 }))).toThrow(/input 0 has no witnessUtxo/);
    const copied = Transaction.fromPSBT(psbt({ txid: funding.id, index: 0, nonWitnessUtxo }));
    const text = hex(copied.toPSBT());
    const txid = hex(unhex(funding.id).reverse());
    const at = text.indexOf(txid);
    const swapped = `${text.slice(0, at)}00${text.slice(at + 2)}`;
    expect(() => readPsbt(unhex(swapped))).toThrow();
  });
});
